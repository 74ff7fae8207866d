import { existsSync, realpathSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, isAbsolute, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { failure, type Logger, type Plugin } from '@cultivar/sdk';
import { liesIn } from '@cultivar/sdk/internal';
import { readManifest, type PluginManifest } from './manifest.js';

/** A package name, or a path, and the folder (or the file, as a `file:` URL) that it is resolved from. */
export interface PluginLocation {
  name: string;
  from: string;
}

/** A package name; the path of a folder or file; either with where it is resolved from; or a plugin written inline. */
export type PluginSource = string | PluginLocation | Plugin;

/** As in a configuration: lists may hold lists, and what is falsy does not count (`condition && './mine.ts'`). */
export type PluginSources = readonly (PluginSource | PluginSources | false | null | undefined | 0 | '')[];

/** A plugin that is found, its manifest checked, none of its code run. */
export interface FoundPlugin {
  /** As the user named it. */
  label: string;
  /** Entry file. */
  file: string;
  /** The entry of an installed package, not a file of the user's own. */
  installed: boolean;
  manifest?: PluginManifest;
}

const codeExtensions = new Set(['.ts', '.mts', '.cts', '.tsx', '.js', '.mjs', '.cjs']);
const packageNamePattern = /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/i;

/** Flattens lists and drops what is falsy. */
export function flattenSources(sources: PluginSources): PluginSource[] {
  return sources.flatMap((source): PluginSource[] => {
    if (!source) return [];
    return Array.isArray(source) ? flattenSources(source as PluginSources) : [source as PluginSource];
  });
}

export const isLocation = (source: PluginSource): source is PluginLocation => typeof source === 'object' && 'from' in source && !('contributions' in source);

function isPath(name: string): boolean {
  return name.startsWith('.') || name.startsWith('file:') || isAbsolute(name) || codeExtensions.has(extname(name)) || !packageNamePattern.test(name);
}

/** Looks for node_modules/NAME upwards, so that a package is found whatever its `exports` let through. */
function packageFolder(name: string, from: string): string | undefined {
  for (const start of new Set([from, existsSync(from) ? realpathSync(from) : from])) {
    for (let folder = start; ; folder = dirname(folder)) {
      const candidate = join(folder, 'node_modules', name);
      if (existsSync(join(candidate, 'package.json'))) return realpathSync(candidate);
      if (dirname(folder) === folder) break;
    }
  }
  try {
    return dirname(createRequire(join(from, 'package.json')).resolve(`${name}/package.json`));
  } catch {
    return undefined;
  }
}

/** Bytes of the file that a plugin begins with. */
const largestEntry = 64 * 2 ** 20;

/** Why a file is not run; undefined where it may be. */
function unfit(file: string): string | undefined {
  const found = statSync(file);
  if (!found.isFile()) return found.isDirectory() ? 'it is a folder' : 'it is a device, a pipe or a socket, not a file';
  if (/\.(tgz|tar|gz|zip)$/i.test(file)) return 'it is an archive, which npm installs first';
  if (found.size > largestEntry) return `it holds ${found.size} bytes, more than the ${largestEntry} that it may`;
  return codeExtensions.has(extname(file)) ? undefined : `it is neither JavaScript nor TypeScript by its name (${[...codeExtensions].join(', ')})`;
}

/** The manifest's entry: a file in the package, links followed, or a subpath of its `exports`. */
function entryFile(folder: string, manifest: PluginManifest, plugin: string, from: string): string {
  const wrong = (reason: string) => failure('PLUGIN_MANIFEST', { plugin, reason });
  const file = resolve(folder, manifest.entry);
  const inside = relative(folder, file);
  if (inside.startsWith('..') || isAbsolute(inside)) throw wrong(`"cultivar.plugin" points out of the package: ${manifest.entry}`);
  const fit = (path: string) => {
    const real = realpathSync(path);
    if (!liesIn(realpathSync(folder), real)) throw wrong(`"cultivar.plugin" leads out of the package: ${manifest.entry}`);
    const reason = unfit(real);
    if (reason !== undefined) throw wrong(`"cultivar.plugin" is ${manifest.entry}, and ${reason}`);
    return real;
  };
  const found = statSync(file, { throwIfNoEntry: false });
  if (found && !found.isDirectory()) return fit(file);
  if (manifest.name) {
    const subpath = `${manifest.name}/${inside}`.replace(/\/$/, '');
    const { createJiti } = createRequire(import.meta.url)('jiti') as typeof import('jiti');
    const exported = createJiti(pathToFileURL(join(from, 'package.json')).href).esmResolve(subpath, { try: true, conditions: ['node', 'import'] });
    if (exported) return fit(exported.startsWith('file:') ? fileURLToPath(exported) : exported);
  }
  throw wrong(`"cultivar.plugin" names a file that is not there: ${manifest.entry}`);
}

/**
 * Finds a plugin and checks its package.json; runs none of its code.
 * @throws CultivarError PLUGIN_NOT_FOUND, PLUGIN_MANIFEST, PLUGIN_ENGINE
 */
export function findPlugin({ name, from }: PluginLocation, logger: Logger): FoundPlugin {
  const base = from.startsWith('file:') ? dirname(fileURLToPath(from)) : resolve(from);
  if (!isPath(name)) {
    const folder = packageFolder(name, base);
    if (!folder) {
      const beside = existsSync(resolve(base, name)) ? ` (for the folder beside it write ./${name})` : '';
      throw failure('PLUGIN_NOT_FOUND', { plugin: `${name}${beside}`, from: base });
    }
    const manifest = readManifest(folder, name, logger);
    return { label: name, file: entryFile(folder, manifest, name, base), installed: true, manifest };
  }
  const path = name.startsWith('file:') ? fileURLToPath(name) : resolve(base, name);
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) throw failure('PLUGIN_NOT_FOUND', { plugin: name, from: base });
  if (!found.isDirectory()) {
    const file = realpathSync(path);
    const reason = unfit(file);
    if (reason !== undefined) throw failure('PLUGIN_LOAD', { plugin: name, reason });
    return { label: name, file, installed: false };
  }
  const manifest = readManifest(path, name, logger);
  return { label: name, file: entryFile(realpathSync(path), manifest, name, path), installed: false, manifest };
}
