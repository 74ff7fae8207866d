import { failure, type Logger } from '@cultivar/sdk';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { sha256Of } from './checksum.js';
import { compiledNames, nodeInterface } from './compiler.js';
import { ownSources, tfjsVersion } from './sources.js';

/**
 * What a compiled binding fits, and the checksums of its files: `binding.json` beside them. Every installation has one,
 * so the folder of one installation is a prebuilt binding for others.
 */
export interface Binding {
  format: 1;
  /** `linux-x64`, ... */
  platform: string;
  /** Major and minor version of TensorFlow whose libraries it was linked with. */
  tensorflow: string;
  tfjs: string;
  /** SHA-256 of the C++ and the loader that are ours. */
  sources: string;
  /** Version of Node's interface for native modules that it needs at least. */
  nodeInterface: number;
  compiler: string;
  /** SHA-256 by file name, hexadecimal. */
  files: Record<string, string>;
}

export interface Fit {
  platform: string;
  /** Version of TensorFlow: `2.21.0`. */
  tensorflow: string;
}

export interface Prebuilt extends Binding {
  folder: string;
}

export const bindingRecord = 'binding.json';
const minorOf = (version: string): string => version.split('.').slice(0, 2).join('.');

/** npm package that may carry a prebuilt binding; never fetched, only used where it is installed. */
export const packageFor = (platform: string): string => `@cultivar/native-${platform}`;

/** Writes down what the binding in a folder fits. */
export async function recordBinding(folder: string, compiler: string, { platform, tensorflow }: Fit): Promise<void> {
  const sums = await Promise.all(compiledNames.map(async (name) => [name, await sha256Of(join(folder, name))] as const));
  const binding: Binding = { format: 1, platform, tensorflow: minorOf(tensorflow), tfjs: tfjsVersion, sources: await ownSources(), nodeInterface, compiler, files: Object.fromEntries(sums) };
  await writeFile(join(folder, bindingRecord), `${JSON.stringify(binding, null, 2)}\n`);
}

/**
 * A prebuilt binding that fits: in the folder that is given, else in the npm package for this platform, if it is installed.
 * @param folder what the user gave; then it must fit
 * @returns undefined where one has to be compiled
 * @throws CultivarError NATIVE_BINDING
 */
export async function findPrebuilt(folder: string | undefined, fit: Fit, logger?: Logger): Promise<Prebuilt | undefined> {
  const place = folder ?? installedPackage(packageFor(fit.platform));
  if (place === undefined) return undefined;
  const found = await read(place, fit);
  if (typeof found !== 'string') return found;
  if (folder !== undefined) throw failure('NATIVE_BINDING', { folder, reason: found, tensorflow: minorOf(fit.tensorflow), platform: fit.platform });
  logger?.info(`The prebuilt binding in ${place} does not fit (${found}); one is compiled.`);
  return undefined;
}

/** @returns the binding, or why it does not fit */
async function read(folder: string, fit: Fit): Promise<Prebuilt | string> {
  const binding = await readFile(join(folder, bindingRecord), 'utf8').then((text) => JSON.parse(text) as Binding, () => undefined);
  if (binding?.format !== 1) return `it has no ${bindingRecord} that can be read`;
  const wanted = { platform: fit.platform, tensorflow: minorOf(fit.tensorflow), tfjs: tfjsVersion, sources: await ownSources() };
  for (const [key, value] of Object.entries(wanted)) {
    const its = binding[key as keyof typeof wanted];
    if (its !== value) return `it is for ${key} ${its}, not ${value}`;
  }
  if (!(binding.nodeInterface <= Number(process.versions.napi))) return `it needs version ${binding.nodeInterface} of Node's native interface; this Node has ${process.versions.napi}`;
  for (const name of compiledNames) {
    const sum = await sha256Of(join(folder, name)).catch(() => 'missing');
    if (sum !== binding.files[name]) return `the checksum of ${name} is ${sum}, not ${binding.files[name]}`;
  }
  return { ...binding, folder };
}

/** Puts it into the folder of an installation. */
export async function takePrebuilt(prebuilt: Prebuilt, folder: string): Promise<void> {
  for (const name of [...compiledNames, bindingRecord]) await copyFile(join(prebuilt.folder, name), join(folder, name));
}

/** Folder of a package that is installed beside this one. */
function installedPackage(name: string): string | undefined {
  try {
    return dirname(createRequire(import.meta.url).resolve(`${name}/${bindingRecord}`));
  } catch {
    return undefined;
  }
}
