import {
  defaultCacheFolder, failure, installedNativeTensorFlow, isCultivarError, nativeFolder, nativeLoader, nativeRecord, type Logger, type NativeTensorFlow, type Progress,
} from '@cultivar/sdk';
import { isSystemError, lockFolder, systemReason } from '@cultivar/sdk/internal';
import { valid } from '@renovatebot/pep440';
import { mkdir, mkdtemp, readdir, rename, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { build, findMaker, type Build } from './build.js';
import { compiledNames } from './compiler.js';
import { cudaFolder } from './cuda.js';
import { leftoverName, removeLeftovers } from './leftovers.js';
import { platformOf } from './platform.js';
import { findNpm, ownSources, tfjsVersion } from './sources.js';

/** The TensorFlow that is installed where none is asked for: the one that this was tried with. */
export const defaultVersion = '2.21.0';

/** Milliseconds that an installation waits for another to end. */
const patience = 30 * 60_000;

export interface InstallOptions {
  /** Version of TensorFlow. */
  version?: string;
  /** The build with CUDA, and NVIDIA's libraries; Linux x64 alone. A build with CUDA serves where none is asked for as well. */
  gpu?: boolean;
  /** A wheel that is there already, for machines without network. */
  wheel?: string;
  /** Folder of a binding that was compiled elsewhere, for machines without a compiler: that of another installation will do. */
  binding?: string;
  cacheFolder?: string;
  environment?: NodeJS.ProcessEnv;
  logger?: Logger;
  progress?: Progress;
  signal?: AbortSignal;
}

/**
 * On disk while it installs: the wheels, and what is unpacked from them, 1.1 GB for the processor alone and 9.2 GB with
 * CUDA (TensorFlow 2.21, which asks for CUDA 12.9 and cuDNN 9.28 today), with some room left.
 */
const neededBytes = { processor: 1.6e9, cuda: 10e9 };

/**
 * Puts a native TensorFlow into the user's cache, for all projects: libraries and C headers out of the wheel, the binding
 * of @tensorflow/tfjs-node-gpu compiled against them (or a prebuilt one that fits), proved by a training step. Done
 * already, it returns at once; broken off, it goes on with the download where it stopped. Nothing counts as installed
 * before its record is written, last.
 * @throws CultivarError with a NATIVE_ code; OUTPUT_BUSY where another installation does not end
 */
export async function install(options: InstallOptions = {}): Promise<NativeTensorFlow & { fresh: boolean }> {
  const { cacheFolder = defaultCacheFolder(), environment = process.env, gpu = false, signal } = options;
  const platform = platformOf(undefined, { gpu });
  const version = options.version ?? defaultVersion;
  if (!valid(version)) throw failure('NATIVE_VERSION', { wanted: `tensorflow==${version}`, index: 'any index', known: `versions such as ${defaultVersion}` });
  const installed = async () => {
    const known = await installedNativeTensorFlow(cacheFolder);
    const fits = known?.tensorflow === version && known.tfjs === tfjsVersion && known.sources === (await ownSources()) && (known.cuda !== undefined || !gpu);
    return fits && (await isWhole(known)) ? { ...known, fresh: false } : undefined;
  };
  const before = await installed();
  if (before) {
    await clearUp(nativeFolder(cacheFolder), before.folder);
    return before;
  }
  const settings = { ...options, cacheFolder, environment, version, platform, npm: await findNpm(environment) };
  const maker = await findMaker(settings);
  const home = nativeFolder(cacheFolder);
  try {
    await mkdir(home, { recursive: true });
    const lock = await lockFolder(home, {
      patience, signal, waiting: (owner, path) => options.logger?.info(`Another installation is running (${owner}); this one waits for it. If it surely runs no longer, remove ${path}.`),
    });
    try {
      // Whoever was waited for may have done it.
      const meanwhile = await installed();
      if (meanwhile) return meanwhile;
      await sweep(home);
      await requireRoom(home, gpu ? neededBytes.cuda : neededBytes.processor);
      return { ...(await buildAside(home, { ...settings, maker })), fresh: true };
    } finally {
      await lock.release();
    }
  } catch (error) {
    if (signal?.aborted) throw failure('NATIVE_ABORTED', {}, error);
    if (isCultivarError(error) || !isSystemError(error)) throw error;
    throw failure('NATIVE_WRITE', { path: home, reason: systemReason(error) }, error);
  }
}

async function buildAside(home: string, settings: Build): Promise<NativeTensorFlow> {
  const work = await mkdtemp(join(home, leftoverName('work')));
  try {
    return await settle(work, settings.cacheFolder, await build(work, settings));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Moves what was built to its place and writes the record of it; the downloads have done their duty. */
async function settle(work: string, cacheFolder: string, record: NativeTensorFlow): Promise<NativeTensorFlow> {
  const home = nativeFolder(cacheFolder);
  // A name of its own each time: what another process has loaded is never moved away under it.
  const folder = join(home, `tensorflow-${record.tensorflow}-${record.platform}-${basename(work).split('-').at(-1)!}`);
  await rename(work, folder);
  const settled = { ...record, folder };
  const beside = join(home, `${leftoverName('record')}${basename(folder)}`);
  await writeFile(beside, `${JSON.stringify(settled, null, 2)}\n`);
  await rename(beside, nativeRecord(cacheFolder));
  await sweep(home, folder);
  return settled;
}

/** What an installation has left that was killed at its very end, when its record was written; unless another is running, or nothing can be written there. */
async function clearUp(home: string, current: string): Promise<void> {
  // Its folder and the record.
  if ((await readdir(home)).length === 2) return;
  const lock = await lockFolder(home).catch(() => undefined);
  if (!lock) return;
  await sweep(home, current).catch(() => undefined);
  await lock.release();
}

/** Removes what installations that were killed have left, and with `current` every other installation, and all that was fetched for them. */
async function sweep(home: string, current?: string): Promise<void> {
  await removeLeftovers(home);
  await removeLeftovers(join(home, 'downloads'));
  if (current === undefined) return;
  for (const name of await readdir(home)) {
    if (name === 'downloads' || (name.startsWith('tensorflow-') && name !== basename(current))) await rm(join(home, name), { recursive: true, force: true });
  }
}

async function requireRoom(home: string, needed: number): Promise<void> {
  const { bavail, bsize } = await statfs(home);
  if (bavail * bsize < needed) throw failure('NATIVE_DISK', { path: home, needed: (needed / 1e9).toFixed(1), free: ((bavail * bsize) / 1e9).toFixed(1) });
}

/** Whether the files that loading needs are there. */
export async function isWhole({ folder, cuda, platform }: NativeTensorFlow): Promise<boolean> {
  const needed = [...compiledNames, nativeLoader, ...platformOf(platform).libraries.map((name) => join('lib', name)), ...(cuda ? [cudaFolder] : [])];
  const found = await Promise.all(needed.map((name) => stat(join(folder, name)).then(() => true, () => false)));
  return found.every(Boolean);
}
