import { failure, nativeFolder, type NativeTensorFlow } from '@cultivar/sdk';
import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { findPrebuilt, recordBinding, takePrebuilt, type Prebuilt } from './binding.js';
import { sha256Of } from './checksum.js';
import { compile, compilerName, findCompiler } from './compiler.js';
import { addCuda, cudaRequirements } from './cuda.js';
import { isDamaged } from './damage.js';
import { bytesIn } from './folder-size.js';
import type { InstallOptions } from './install.js';
import type { Platform } from './platform.js';
import { prove } from './prove.js';
import { fetchSources, ownSources, tfjsVersion, type Sources } from './sources.js';
import { findWheel } from './wheel/find-wheel.js';
import { unpackWheel } from './wheel/unpack.js';
import { versionOf } from './wheel/wheel-name.js';

export interface Build extends InstallOptions {
  cacheFolder: string;
  environment: NodeJS.ProcessEnv;
  version: string;
  platform: Platform;
  npm: string;
  /** What makes the binding; a prebuilt one is not compiled. */
  maker: Maker;
}

export type Maker = { compiler: string } | { prebuilt: Prebuilt };

/**
 * Where the binding will come from: known before anything is fetched, so that a missing compiler costs no download.
 * @throws CultivarError NATIVE_BINDING, NATIVE_TOOL
 */
export async function findMaker({ binding, environment, logger, platform, version, wheel }: Omit<Build, 'maker'>): Promise<Maker> {
  const tensorflow = (wheel && versionOf(basename(wheel))) || version;
  const prebuilt = await findPrebuilt(binding, { platform: platform.name, tensorflow }, logger);
  return prebuilt ? { prebuilt } : { compiler: await findCompiler(environment, platform) };
}

/** Makes a whole installation in the folder `work`. @returns its record, the folder left open */
export async function build(work: string, options: Build): Promise<NativeTensorFlow> {
  const { cacheFolder, environment, gpu = false, logger, platform, progress, signal, version } = options;
  const downloads = join(nativeFolder(cacheFolder), 'downloads');
  const sources = await fetchSources(work, options.npm, options);
  const wheel = options.wheel ?? (await findWheel({
    name: (gpu && platform.cudaWheel) || platform.wheel, versions: `==${version}`, tag: platform.tag, folder: downloads, environment, progress, signal,
  }, logger));
  const sha256 = await sha256Of(wheel).catch((error: unknown) => {
    throw failure('NATIVE_WHEEL', { file: wheel, reason: String(error) }, error);
  });
  const about = await unpackWheel(wheel, { folder: work, libraries: platform.libraries, headers: sources.headers, progress, signal }).catch(async (error: unknown) => {
    // A broken wheel is not taken a second time; one that the user brought stays his.
    if (!options.wheel && isDamaged(error)) await rm(wheel, { force: true });
    throw error;
  });
  const cuda = gpu ? await addCuda(requirementsOf(about, wheel), { folder: work, downloads, tag: platform.tag, environment, logger, progress, signal }) : undefined;
  const compiler = await bind(work, sources, options);
  logger?.info('A training step, to prove it ...');
  const proof = await prove(work, { cuda: gpu, signal });
  if (options.version && proof.version !== options.version && !options.wheel) throw failure('NATIVE_PROOF', { reason: `the library says that it is ${proof.version}` });
  if (gpu && !proof.gpu) logger?.warn(`It trains, but on the processor: no GPU was found (${proof.gpuReason}).`);
  if (!('prebuilt' in options.maker)) await recordBinding(work, compiler, { platform: platform.name, tensorflow: proof.version });
  return {
    format: 1, folder: '', tensorflow: proof.version, tfjs: tfjsVersion, sources: await ownSources(), platform: platform.name, wheel: basename(wheel), sha256, ...(cuda && { cuda }),
    compiler, bytes: await bytesIn(work), installed: new Date().toISOString(),
  };
}

function requirementsOf(metadata: string, wheel: string): ReturnType<typeof cudaRequirements> {
  const requirements = cudaRequirements(metadata);
  if (requirements.length === 0) throw failure('NATIVE_WHEEL', { file: basename(wheel), reason: 'it names no libraries of CUDA that it goes with' });
  return requirements;
}

/**
 * Puts a binding beside the libraries. One that was found prebuilt and does not load here gives way to a compiled one,
 * unless it was asked for.
 * @returns what compiled it
 */
export async function bind(work: string, sources: Sources, { binding, environment, logger, maker, platform, progress, signal }: Pick<Build, 'binding' | 'environment' | 'logger' | 'maker' | 'platform' | 'progress' | 'signal'>): Promise<string> {
  if ('prebuilt' in maker) {
    await takePrebuilt(maker.prebuilt, work);
    if (binding !== undefined) return maker.prebuilt.compiler;
    try {
      await prove(work, { signal });
      return maker.prebuilt.compiler;
    } catch (error) {
      if (signal?.aborted) throw error;
      logger?.info('The prebuilt binding does not work here; one is compiled.');
    }
  }
  const compiler = 'compiler' in maker ? maker.compiler : await findCompiler(environment, platform);
  const task = progress?.start('Compiling the binding', 1, 'file');
  await compile(compiler, work, sources, { platform, environment, signal });
  task?.advance();
  task?.finish();
  return compilerName(compiler);
}
