import type { PluginSources } from '@cultivar/kernel';
import type { GivenSettings } from './settings.js';

/** Package names, paths, or plugin objects written inline. Lists may hold lists; what is falsy does not count. */
export type PluginEntry = PluginSources[number];

/** What `cultivar.config.ts` exports. Paths of data, output and weights are from the working folder. */
export interface Configuration extends Omit<GivenSettings, 'resume'> {
  /** Plugins beyond the built-in ones; names and paths are resolved from the file's folder. */
  plugins?: PluginSources;
}

/** Gives a configuration its type. Default export of `cultivar.config.ts`. */
export function defineConfig(configuration: Configuration): Configuration {
  return configuration;
}
