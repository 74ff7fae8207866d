import { failure } from '@cultivar/sdk';
import { isLockName, lockFolder, makeFolder, removeParts, writeFailure, type FolderLock } from '@cultivar/sdk/internal';
import { randomBytes } from 'node:crypto';
import { open, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { manifestFile } from '../bundle/manifest.js';

/** Folder of the run's state, inside the output folder; gone when the bundle is whole and everything asked for besides is done. */
export const stateFolder = (out: string): string => join(out, '.run');
/** The same, on its way out. */
const clearedFolder = (out: string): string => join(out, '.run.done');

/** A folder that one run alone writes into, until it gives it back. */
export interface TakenFolder {
  /** What lies in it besides locks, when it was taken. */
  entries: readonly string[];
  /** Gives it back. With `unwanted`, it goes as it came: if it was made for this run and is empty, it is removed. */
  release(unwanted?: boolean): Promise<void>;
}

export interface Output extends Pick<TakenFolder, 'release'> {
  /** `finished`: a whole bundle is there and the run was to be resumed; there is nothing left to do. */
  state: 'fresh' | 'begun' | 'finished';
}

/** Bytes that have to find room before any work is done; the smallest bundle has about as many. */
const leastRoom = 2 ** 20;

/** Makes a folder where it is missing, locks it, and tries to write there. @throws CultivarError OUTPUT_BUSY, OUTPUT_EXISTS where it is a file, OUTPUT_WRITE, OPEN_FILES */
export async function takeFolder(path: string): Promise<TakenFolder> {
  const found = await stat(path).catch(() => undefined);
  if (found && !found.isDirectory()) throw failure('OUTPUT_EXISTS', { path });
  const { first, lock } = await makeAndLock(path);
  const release = async (unwanted = false): Promise<void> => {
    await lock.release();
    if (unwanted && first !== undefined) await removeEmpty(path, first);
  };
  try {
    await tryToWrite(lock.path);
    return { entries: (await readdir(path)).filter((name) => !isLockName(name)), release };
  } catch (error) {
    await release(true);
    throw writeFailure(path, error);
  }
}

/** Into the lock, which goes whatever becomes of this process: on a full disk an empty file can still be made. */
async function tryToWrite(lock: string): Promise<void> {
  const file = await open(lock, 'r+');
  try {
    // Not zeros, which some file systems keep in no room at all.
    await file.writeFile(randomBytes(leastRoom));
    await file.sync();
    await file.truncate(0);
  } finally {
    await file.close();
  }
}

/** @returns the first folder of the path that had to be made, if any */
async function makeAndLock(path: string): Promise<{ first?: string; lock: FolderLock }> {
  for (let attempt = 1; ; attempt += 1) {
    const first = await makeFolder(path);
    try {
      return { first, lock: await lockFolder(path) };
    } catch (error) {
      // Another run that had made it, and came to nothing, may have taken it away in between.
      if (attempt === 5 || (await stat(path).catch(() => undefined))) {
        if (first !== undefined) await removeEmpty(path, first);
        throw error;
      }
    }
  }
}

/** From a folder up to the first that was made for it, as far as they are empty. */
async function removeEmpty(path: string, first: string): Promise<void> {
  for (let folder = path; folder.length >= first.length; folder = dirname(folder)) {
    if (!(await rmdir(folder).then(() => true, () => false))) return;
  }
}

/**
 * Looks at the output folder before any work is done, and takes it for this run.
 * @throws CultivarError OUTPUT_BUSY, OUTPUT_EXISTS, OUTPUT_WRITE, RESUME_NOTHING
 */
export async function prepareOutput(out: string, resume: boolean): Promise<Output> {
  if (resume) {
    const names = await readdir(out).catch((): string[] => []);
    // Not even a lock: a finished bundle may lie where nothing can be written.
    if (names.includes(manifestFile) && !names.includes('.run')) {
      await rm(clearedFolder(out), { recursive: true, force: true }).catch(() => undefined);
      return { state: 'finished', release: async () => {} };
    }
    if (!names.includes('.run')) throw failure('RESUME_NOTHING', { path: out });
  }
  const { entries, release } = await takeFolder(out);
  try {
    if (resume && !entries.includes('.run')) throw failure(entries.includes(manifestFile) ? 'OUTPUT_EXISTS' : 'RESUME_NOTHING', { path: out });
    if (!resume && entries.length > 0) throw failure('OUTPUT_EXISTS', { path: out });
    await makeFolder(stateFolder(out));
    if (resume) await removeParts(out);
    return { state: resume ? 'begun' : 'fresh', release };
  } catch (error) {
    await release(true);
    throw error;
  }
}

/** The run is over: its state goes, at one stroke, so that no half of it is ever taken for the state of a run. */
export async function clearState(out: string): Promise<void> {
  await rm(clearedFolder(out), { recursive: true, force: true });
  await rename(stateFolder(out), clearedFolder(out)).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw writeFailure(out, error);
  });
  await rm(clearedFolder(out), { recursive: true, force: true });
}
