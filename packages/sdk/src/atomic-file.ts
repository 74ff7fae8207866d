/** Files that are either the old one or the whole new one, whatever happens in between. */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeFailure } from './system-reason.js';

const partName = /\.[0-9a-f]{12}\.part$/;

/** Where a file is written before it is whole: beside its place, under a name that nobody else has. */
export const partOf = (path: string): string => `${path}.${randomBytes(6).toString('hex')}.part`;

/**
 * Writes beside the target, waits for the disk, renames, and waits again where the system can wait for a folder.
 * @param former where the file that was there goes; absent: it is replaced
 * @throws CultivarError OUTPUT_WRITE, OPEN_FILES; the target is then as it was
 */
export async function writeAtomically(path: string, chunks: readonly (string | Uint8Array)[], former?: string): Promise<void> {
  const beside = partOf(path);
  try {
    const file = await open(beside, 'wx');
    try {
      for (const chunk of chunks) await file.writeFile(chunk);
      await file.sync();
    } finally {
      await file.close();
    }
    if (former !== undefined) await rename(path, former).catch(unlessMissing);
    await rename(beside, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(beside, { force: true }).catch(() => undefined);
    throw writeFailure(path, error);
  }
}

const unlessMissing = (error: NodeJS.ErrnoException): void => {
  if (error.code !== 'ENOENT') throw error;
};

/** Without it a power cut may undo a rename that was followed by others. Windows and some network folders cannot. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

/**
 * Makes a folder, and those on the way to it, where they are missing.
 * @returns the first that had to be made, if any
 * @throws CultivarError OUTPUT_WRITE, OPEN_FILES
 */
export async function makeFolder(path: string): Promise<string | undefined> {
  return mkdir(path, { recursive: true }).catch(async (error: NodeJS.ErrnoException) => {
    throw writeFailure(path, error.code === 'ENOENT' ? await whyNotMade(path) ?? error : error);
  });
}

/** Node says ENOENT of a recursive mkdir on a disk that is read-only; the first folder that is missing, made alone, tells why. */
async function whyNotMade(path: string): Promise<unknown> {
  const parent = dirname(path);
  if (parent !== path && !(await stat(parent).catch(() => undefined))) return whyNotMade(parent);
  return mkdir(path).then(() => undefined, (error: unknown) => error);
}

/** Removes what writers that were killed have left in a folder and below it. For whoever alone may write there. */
export async function removeParts(folder: string): Promise<void> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  for (const name of names) if (partName.test(name)) await rm(join(folder, name), { force: true }).catch(() => undefined);
}
