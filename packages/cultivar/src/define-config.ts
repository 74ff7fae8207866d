import type { Plugin } from '@cultivar/sdk';
import type { Settings } from './settings.js';

/** Package name, path, or a plugin object written inline. */
export type PluginEntry = string | Plugin | false | null | undefined | PluginEntry[];

/** What `cultivar.config.ts` exports. */
export interface Configuration extends Omit<Settings, 'resume'> {
  /** Plugins beyond the built-in ones. Arrays flatten, falsy entries are ignored. */
  plugins?: PluginEntry[];
}

/** Gives a configuration its type. Default export of `cultivar.config.ts`. */
export function defineConfig(configuration: Configuration): Configuration {
  return configuration;
}
