/** Files that are either the old one or the whole new one, whatever happens in between. */
import { failure } from '@cultivar/sdk';
import { mkdir, open, rename, rm } from 'node:fs/promises';

/** @throws CultivarError OUTPUT_WRITE for whatever the file system refuses */
export function writeFailure(path: string, error: unknown): Error {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  const words: Record<string, string> = {
    ENOSPC: 'no space is left on the disk', EDQUOT: 'the disk quota is used up', EACCES: 'permission denied', EPERM: 'permission denied',
    EROFS: 'the file system is read-only', ENOTDIR: 'a part of the path is a file', EEXIST: 'a file is in the way', EISDIR: 'a folder is in the way',
  };
  const reason = (code && words[code]) ?? (error instanceof Error ? error.message : String(error));
  return failure('OUTPUT_WRITE', { path, reason }, error);
}

/** Writes beside the target, waits for the disk, renames. @throws CultivarError OUTPUT_WRITE */
export async function writeAtomically(path: string, chunks: readonly (string | Uint8Array)[]): Promise<void> {
  const beside = `${path}.part`;
  try {
    const file = await open(beside, 'w');
    try {
      for (const chunk of chunks) await file.writeFile(chunk);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true }).catch(() => undefined);
    throw writeFailure(path, error);
  }
}

/** @throws CultivarError OUTPUT_WRITE */
export async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true }).catch((error: unknown) => {
    throw writeFailure(path, error);
  });
}
