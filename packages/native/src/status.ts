import { defaultCacheFolder, installedNativeTensorFlow, nativeFolder, nativeRecord, type NativeTensorFlow } from '@cultivar/sdk';
import { isLockName, lockFolder } from '@cultivar/sdk/internal';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { bytesIn } from './folder-size.js';
import { isWhole } from './install.js';

export interface NativeStatus {
  /** Folder that installations go into. */
  home: string;
  installed?: NativeTensorFlow;
  /** Files of the installation are missing. */
  broken: boolean;
}

/** What is installed. Cheap: nothing is loaded. */
export async function status(cacheFolder = defaultCacheFolder()): Promise<NativeStatus> {
  const installed = await installedNativeTensorFlow(cacheFolder);
  return { home: nativeFolder(cacheFolder), installed, broken: installed !== undefined && !(await isWhole(installed)) };
}

/**
 * Removes every installation, whole or not, and unfinished downloads; nothing else in the cache.
 * @returns bytes that were freed
 * @throws CultivarError OUTPUT_BUSY while an installation is running
 */
export async function remove(cacheFolder = defaultCacheFolder()): Promise<number> {
  const home = nativeFolder(cacheFolder);
  const names = (await readdir(home).catch(() => [])).filter((name) => !isLockName(name));
  if (names.length === 0) return 0;
  const lock = await lockFolder(home);
  try {
    const bytes = await bytesIn(home);
    // The record first: what is half removed must not count as installed.
    await rm(nativeRecord(cacheFolder), { force: true });
    for (const name of names) await rm(join(home, name), { recursive: true, force: true });
    return bytes;
  } finally {
    await lock.release();
  }
}
