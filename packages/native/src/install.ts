import {
  defaultCacheFolder, failure, installedNativeTensorFlow, isCultivarError, nativeFolder, nativeLoader, nativeRecord, type Logger, type NativeTensorFlow, type Progress,
} from '@cultivar/sdk';
import { mkdir, mkdtemp, readdir, rename, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { sha256Of } from './checksum.js';
import { bindingName, compile, compilerName, findCompiler, operatorsName, quietName } from './compiler.js';
import { bytesIn } from './folder-size.js';
import { platformOf, type Platform } from './platform.js';
import { prove } from './prove.js';
import { fetchSources, findNpm, tfjsVersion } from './sources.js';
import { findWheel } from './wheel/find-wheel.js';
import { unpackWheel } from './wheel/unpack.js';

/** The TensorFlow that is installed where none is asked for: the one that this was tried with. */
export const defaultVersion = '2.21.0';

export interface InstallOptions {
  /** Version of TensorFlow. */
  version?: string;
  /** A wheel that is there already, for machines without network. */
  wheel?: string;
  cacheFolder?: string;
  environment?: NodeJS.ProcessEnv;
  logger?: Logger;
  progress?: Progress;
  signal?: AbortSignal;
}

/** On disk while it installs: the wheel, and what is unpacked from it. */
const neededBytes = 1.6e9;

/**
 * Puts a native TensorFlow into the user's cache, for all projects: libraries and C headers out of the wheel, the binding
 * of @tensorflow/tfjs-node-gpu compiled against them, proved by a training step. Done already, it returns at once; broken
 * off, it goes on with the download where it stopped. Nothing counts as installed before its record is written, last.
 * @throws CultivarError with a NATIVE_ code
 */
export async function install(options: InstallOptions = {}): Promise<NativeTensorFlow & { fresh: boolean }> {
  const { cacheFolder = defaultCacheFolder(), environment = process.env, signal } = options;
  const platform = platformOf();
  const version = options.version ?? defaultVersion;
  const known = await installedNativeTensorFlow(cacheFolder);
  if (known && known.tensorflow === version && known.tfjs === tfjsVersion && (await isWhole(known))) return { ...known, fresh: false };
  const compiler = await findCompiler(environment);
  const npm = await findNpm(environment);
  const home = nativeFolder(cacheFolder);
  try {
    await mkdir(home, { recursive: true });
    await sweep(home);
    await requireRoom(home);
    const work = await mkdtemp(join(home, `.work-${process.pid}-`));
    try {
      const record = await build(work, platform, { ...options, cacheFolder, environment, version, compiler, npm });
      return { ...(await settle(work, cacheFolder, record)), fresh: true };
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  } catch (error) {
    if (signal?.aborted) throw failure('NATIVE_ABORTED', {}, error);
    if (isCultivarError(error) || !(error instanceof Error && 'syscall' in error)) throw error;
    throw failure('NATIVE_WRITE', { path: home, reason: error.message }, error);
  }
}

interface Build extends InstallOptions {
  cacheFolder: string;
  environment: NodeJS.ProcessEnv;
  version: string;
  compiler: string;
  npm: string;
}

async function build(work: string, platform: Platform, options: Build): Promise<NativeTensorFlow> {
  const { cacheFolder, compiler, environment, logger, progress, signal, version } = options;
  const sources = await fetchSources(work, options.npm, options);
  const wheel = options.wheel ?? (await findWheel({
    name: platform.wheel, version, tag: platform.tag, folder: join(nativeFolder(cacheFolder), 'downloads'), environment, progress, signal,
  }, logger));
  const sha256 = await sha256Of(wheel).catch((error: unknown) => {
    throw failure('NATIVE_WHEEL', { file: wheel, reason: String(error) }, error);
  });
  try {
    await unpackWheel(wheel, { folder: work, libraries: platform.libraries, headers: sources.headers, progress, signal });
  } catch (error) {
    // A broken wheel is not taken a second time; one that the user brought stays his.
    if (!options.wheel && isCultivarError(error) && error.code === 'NATIVE_WHEEL') await rm(wheel, { force: true });
    throw error;
  }
  const task = progress?.start('Compiling the binding', 1, 'file');
  await compile(compiler, work, platform.libraries, sources, { environment, signal });
  task?.advance();
  task?.finish();
  logger?.info('A training step, to prove it ...');
  const found = await prove(work, signal);
  if (options.version && found !== options.version && !options.wheel) throw failure('NATIVE_PROOF', { reason: `the library says that it is ${found}` });
  return {
    format: 1, folder: '', tensorflow: found, tfjs: tfjsVersion, platform: platform.name, wheel: basename(wheel), sha256,
    compiler: await compilerName(compiler), bytes: await bytesIn(work), installed: new Date().toISOString(),
  };
}

/** Moves what was built to its place and writes the record of it; the download has done its duty. */
async function settle(work: string, cacheFolder: string, record: NativeTensorFlow): Promise<NativeTensorFlow> {
  const home = nativeFolder(cacheFolder);
  // A name of its own each time: what another process has loaded is never moved away under it.
  const folder = join(home, `tensorflow-${record.tensorflow}-${record.platform}-${basename(work).split('-').at(-1)!}`);
  await rename(work, folder);
  const settled = { ...record, folder };
  const beside = `${nativeRecord(cacheFolder)}.${process.pid}`;
  await writeFile(beside, `${JSON.stringify(settled, null, 2)}\n`);
  await rename(beside, nativeRecord(cacheFolder));
  await sweep(home, folder);
  await rm(join(home, 'downloads'), { recursive: true, force: true });
  return settled;
}

/** Removes what installations that were killed have left, and with `current` every other installation. */
async function sweep(home: string, current?: string): Promise<void> {
  for (const name of await readdir(home)) {
    const pid = Number(/^\.work-(\d+)-/.exec(name)?.[1] ?? 0);
    const stale = pid > 0 && !isAlive(pid);
    const former = current !== undefined && name.startsWith('tensorflow-') && join(home, name) !== current;
    if (stale || former) await rm(join(home, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function requireRoom(home: string): Promise<void> {
  const { bavail, bsize } = await statfs(home);
  if (bavail * bsize < neededBytes) throw failure('NATIVE_DISK', { path: home, needed: (neededBytes / 1e9).toFixed(1), free: ((bavail * bsize) / 1e9).toFixed(1) });
}

/** Whether the files that loading needs are there. */
export async function isWhole({ folder }: NativeTensorFlow): Promise<boolean> {
  const needed = [bindingName, operatorsName, quietName, nativeLoader, ...platformOf().libraries.map((name) => join('lib', name))];
  const found = await Promise.all(needed.map((name) => stat(join(folder, name)).then(() => true, () => false)));
  return found.every(Boolean);
}
