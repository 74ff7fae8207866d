import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defaultCacheFolder } from './cache-folder.js';

/**
 * A native TensorFlow that `cultivar native install` has put into the cache: what installs it and what runs on it meet
 * here. It was proved by a training step before this record of it was written.
 */
export interface NativeTensorFlow {
  /** Layout of the folder. */
  format: 1;
  /** Absolute path. */
  folder: string;
  /** Version of TensorFlow. */
  tensorflow: string;
  /** Version of `@tensorflow/tfjs-node-gpu`, whose JavaScript and binding are used. */
  tfjs: string;
  /** SHA-256 of the loader and the C++ that are ours; `cultivar native install` makes one of others again. */
  sources?: string;
  /** `linux-x64`, ... */
  platform: string;
  /** Name of the wheel that the libraries come from, and its SHA-256, hexadecimal. */
  wheel: string;
  sha256: string;
  /** Names of the wheels of NVIDIA's libraries beside it; absent in a build without CUDA. */
  cuda?: string[];
  /** What compiled the binding. */
  compiler: string;
  /** On disk. */
  bytes: number;
  /** ISO 8601. */
  installed: string;
}

/** CommonJS module inside the folder: called with tfjs-core, it registers the backend `tensorflow` there. */
export const nativeLoader = 'load.cjs';

export const nativeFolder = (cacheFolder: string): string => join(cacheFolder, 'native');
export const nativeRecord = (cacheFolder: string): string => join(nativeFolder(cacheFolder), 'installed.json');

/** The one that is installed for this platform; undefined where there is none. */
export async function installedNativeTensorFlow(cacheFolder: string = defaultCacheFolder()): Promise<NativeTensorFlow | undefined> {
  try {
    const record = JSON.parse(await readFile(nativeRecord(cacheFolder), 'utf8')) as NativeTensorFlow;
    return record.format === 1 && record.platform === `${process.platform}-${process.arch}` ? record : undefined;
  } catch {
    return undefined;
  }
}
