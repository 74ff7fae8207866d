import type { Logger, Progress } from '@cultivar/sdk';
import { chmod, mkdir, readdir, rm, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isDamaged } from './damage.js';
import { findWheel } from './wheel/find-wheel.js';
import { fromWheel, take } from './wheel/unpack.js';
import type { Wanted } from './wheel/wheel-name.js';

/**
 * NVIDIA's libraries beside TensorFlow's. The wheel of TensorFlow names them in its extra `and-cuda`, and finds them by its
 * own RUNPATH: `libtensorflow_framework.so.2` in `lib/` looks into `$ORIGIN/../nvidia/NAME/lib`, which is how the wheels
 * of `nvidia-NAME-cu12` are laid out; they find each other likewise. ptxas and libdevice, which XLA needs to compile, are
 * looked for in `../nvidia/cuda_nvcc` from the library.
 *
 * Tried on Linux x64 without a GPU, TensorFlow 2.21.0: the build loads and trains on the processor, and its own loader
 * (`tsl::internal::DsoLoader`) opens cudart, cublas, cublasLt, cufft, cusolver, cusparse, cupti, cudnn and nccl from here.
 * Untried: a step on a GPU. It also needs NVIDIA's driver (libcuda.so.1), which comes with the system and in no wheel.
 */
export const cudaFolder = 'nvidia';

/**
 * What a wheel of TensorFlow requires with its extra `and-cuda`, by lines of METADATA (PEP 508) like
 * `Requires-Dist: nvidia-cudnn-cu12<10.0,>=9.3.0.75; extra == "and-cuda"`.
 */
export function cudaRequirements(metadata: string): Omit<Wanted, 'tag'>[] {
  const lines = metadata.matchAll(/^Requires-Dist:\s*(nvidia-[\w.-]+)\s*\(?([^;)\n]*)\)?\s*;[^\n]*extra == ["']and-cuda["']/gm);
  return Array.from(lines, ([, name, versions]) => ({ name: name!, versions: versions!.replaceAll(' ', '') }));
}

export interface CudaOptions {
  /** Gets `nvidia/`; `lib/` is beside it. */
  folder: string;
  /** Wheels go there, and stay until all is done. */
  downloads: string;
  tag: RegExp;
  environment: NodeJS.ProcessEnv;
  logger?: Logger;
  progress?: Progress;
  signal?: AbortSignal;
}

/**
 * Fetches these wheels and lays out their libraries.
 * @returns file names of the wheels
 * @throws CultivarError NATIVE_DOWNLOAD, NATIVE_VERSION, NATIVE_WHEEL, NATIVE_WRITE
 */
export async function addCuda(requirements: readonly Omit<Wanted, 'tag'>[], options: CudaOptions): Promise<string[]> {
  const names: string[] = [];
  for (const requirement of requirements) {
    const wheel = await findWheel({ ...requirement, ...options, folder: options.downloads }, options.logger);
    try {
      await unpackCuda(wheel, options);
    } catch (error) {
      if (isDamaged(error)) await rm(wheel, { force: true });
      throw error;
    }
    names.push(basename(wheel));
  }
  await linkSolver(options.folder);
  return names;
}

/** Shared libraries, and the tools and bitcode of nvcc; no headers, no static libraries. */
const needed = /^nvidia\/(?:[\w-]+\/lib\/[^/]+\.so[.\d]*|cuda_nvcc\/(?:bin|nvvm)\/.+)$/;

export function unpackCuda(wheel: string, { folder, progress, signal }: Pick<CudaOptions, 'folder' | 'progress' | 'signal'>): Promise<void> {
  return fromWheel(wheel, { folder, signal }, async (archive) => {
    const names = [...archive.entries.keys()].filter((name) => needed.test(name));
    if (names.length === 0) throw new Error('it holds no libraries');
    await take(archive, names, (name) => join(folder, name), { label: `Unpacking ${basename(wheel).split('-')[0]!.replaceAll('_', '-')}`, progress, signal });
    for (const name of names.filter((one) => one.includes('/bin/'))) await chmod(join(folder, name), 0o755);
  });
}

/**
 * cuSOLVER is opened from within libtensorflow_framework, whose RUNPATH has not its folder (that of libtensorflow_cc has,
 * which is of no use): a link stands in a folder that it does have. The library's own RUNPATH holds there as well.
 */
export async function linkSolver(folder: string): Promise<void> {
  const own = join(folder, cudaFolder, 'cusolver', 'lib');
  const reached = join(folder, cudaFolder, 'cublas', 'lib');
  const libraries = (await readdir(own).catch(() => [])).filter((name) => /^libcusolver\.so\.\d+$/.test(name));
  if (libraries.length > 0) await mkdir(reached, { recursive: true });
  for (const name of libraries) await symlink(join('..', '..', 'cusolver', 'lib', name), join(reached, name));
}
