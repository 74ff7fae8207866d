/** The kernel with the built-in plugins, those of the configuration file and those that were asked for. */
import { fileURLToPath } from 'node:url';
import { createKernel, loadConfig, type Kernel } from '@cultivar/kernel';
import type { Logger } from '@cultivar/sdk';
import type { PluginEntry } from './define-config.js';
import { enginePreset, preset } from './preset.js';
import { checkSettings, type Settings } from './settings.js';

export interface OpenKernelOptions {
  /** Further plugins: package names and paths, resolved from the working folder, or plugin objects. */
  plugins?: readonly PluginEntry[];
  /** Path of a configuration file; `true`: the one in the working folder, if any. Default none. */
  config?: string | boolean;
  /** Folder that names and paths start from. Default the process's working folder. */
  workingFolder?: string;
  /** `engines`: what a finished bundle needs. Default `all`. */
  need?: 'all' | 'engines';
  /** Settings of the configuration that the call makes use of; the others are named. Default all. */
  counts?: readonly (keyof Settings)[];
  logger?: Logger;
}

export interface OpenedKernel {
  kernel: Kernel;
  settings: Settings;
  /** Absolute path of the configuration file that was read. */
  configPath?: string;
}

/** A configuration may import this package even where it lies far away from it, as with npx. */
const ourselves = { cultivar: fileURLToPath(new URL('./index.js', import.meta.url)) };

/** @throws CultivarError with a PLUGIN_ or CONFIG_ code */
export async function openKernel(options: OpenKernelOptions = {}): Promise<OpenedKernel> {
  const { plugins = [], config = false, workingFolder = process.cwd(), need = 'all', counts, logger } = options;
  const loaded = config === false ? undefined : await loadConfig({ path: config === true ? undefined : config, from: workingFolder, packages: ourselves });
  const settings = loaded?.path === undefined ? {} : checkSettings(loaded.settings, loaded.path);
  if (loaded?.path !== undefined) logger?.info(`Settings and plugins of ${loaded.path} count.`);
  const idle = counts ? Object.keys(settings).filter((name) => !(counts as readonly string[]).includes(name)) : [];
  // A file that was named was meant; one that happened to lie there is for other calls as well.
  if (idle.length > 0) logger?.[config === true ? 'info' : 'warn'](`Settings of ${loaded!.path} that have no effect here: ${idle.join(', ')}.`);
  const builtIn = need === 'all' ? preset : enginePreset;
  const kernel = await createKernel({
    plugins: [...builtIn, ...(loaded?.plugins ?? []), ...plugins],
    from: workingFolder,
    logger,
  });
  return { kernel, settings, configPath: loaded?.path };
}
