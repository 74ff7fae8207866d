import { failure, isCultivarError, type Logger, type Plugin } from '@cultivar/sdk';
import { Container } from '@cultivar/sdk/internal';
import { Catalogue } from './catalogue.js';
import { defaultExport, importPackageFile, importUserFile } from './module-loader.js';
import { checkContribution, checkPlugin } from './plugin-check.js';
import { findPlugin, flattenSources, isLocation, type FoundPlugin, type PluginSource, type PluginSources } from './plugin-source.js';
import { reasonOf } from './reason.js';
import { Run, type RunOptions } from './run.js';
import { silentLogger } from './silence.js';

export interface KernelOptions {
  /** Loaded in this order. Lists may hold lists; what is falsy does not count. */
  plugins: PluginSources;
  /** Folder that names and paths are resolved from. Default: the working folder. */
  from?: string;
  /** Told what was loaded from where, and hints to plugin authors. Silent when absent. */
  logger?: Logger;
}

/** A plugin that is loaded. */
export interface LoadedPlugin {
  name: string;
  version: string;
  /** Its entry file; absent for a plugin written inline. */
  file?: string;
}

/** Plugins, checked and bound in one root container; runs are opened from it. */
export class Kernel {
  readonly catalogue = new Catalogue();
  /** In the order of loading. */
  readonly plugins: readonly LoadedPlugin[];
  readonly #container = new Container();

  private constructor(plugins: readonly { plugin: Plugin; loaded: LoadedPlugin }[]) {
    this.plugins = plugins.map(({ loaded }) => loaded);
    for (const { plugin, loaded } of plugins) {
      const owner = { plugin: loaded.name, version: loaded.version, ...(loaded.file ? { file: loaded.file } : {}) };
      plugin.contributions.forEach((contribution, index) => {
        this.catalogue.add({ ...checkContribution(contribution, index, loaded.name), ...owner, contribution });
        // Transient: each use in a run has options and state of its own.
        this.#container.bind(contribution).toSelf().inTransientScope();
      });
    }
  }

  /** @throws CultivarError with a PLUGIN_ code */
  static async create({ plugins, from = process.cwd(), logger = silentLogger }: KernelOptions): Promise<Kernel> {
    const seen = new Set<string | Plugin>();
    const loaded: { plugin: Plugin; loaded: LoadedPlugin }[] = [];
    for (const source of flattenSources(plugins)) {
      const next = await loadPlugin(source, from, seen, logger);
      if (next) loaded.push(next);
    }
    return new Kernel(loaded);
  }

  /** A child container for one run; dispose it at the end of the run. */
  openRun(options: RunOptions): Run {
    return new Run(this.#container, this.catalogue, options);
  }
}

/**
 * Loads and checks plugins.
 * @throws CultivarError with a PLUGIN_ code
 */
export function createKernel(options: KernelOptions): Promise<Kernel> {
  return Kernel.create(options);
}

/** @param seen entry files and inline plugins so far: one that is asked for twice is loaded once */
async function loadPlugin(source: PluginSource, from: string, seen: Set<string | Plugin>, logger: Logger): Promise<{ plugin: Plugin; loaded: LoadedPlugin } | undefined> {
  if (typeof source === 'object' && !isLocation(source)) {
    const plugin = checkPlugin(source, typeof source.name === 'string' ? source.name : 'written inline');
    if (seen.has(plugin)) return undefined;
    seen.add(plugin);
    return { plugin, loaded: { name: plugin.name, version: plugin.version ?? '0.0.0' } };
  }
  const found = findPlugin(typeof source === 'string' ? { name: source, from } : source, logger);
  if (seen.has(found.file)) return undefined;
  seen.add(found.file);
  const plugin = checkPlugin(defaultExport(await runEntry(found)), found.label);
  logger.debug(`Plugin ${plugin.name} loaded from ${found.file}.`);
  return { plugin, loaded: { name: plugin.name, version: plugin.version ?? found.manifest?.version ?? '0.0.0', file: found.file } };
}

async function runEntry({ file, installed, label }: FoundPlugin): Promise<unknown> {
  try {
    return await (installed ? importPackageFile(file) : importUserFile(file));
  } catch (error) {
    if (isCultivarError(error)) throw error;
    throw failure('PLUGIN_LOAD', { plugin: label, reason: reasonOf(error) }, error);
  }
}
