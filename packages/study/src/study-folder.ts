import { failure } from '@cultivar/sdk';
import { isLockName, removeParts } from '@cultivar/sdk/internal';
import { takeFolder } from '@cultivar/training';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

export interface StudyFolderOptions {
  /** Go on with what is there. */
  resume?: boolean;
  /** File by which a study is known that was begun; absent: whatever lies there. */
  begun?: string;
  /** What stops the study, which can then be resumed. */
  signal: AbortSignal;
}

/**
 * A study has its folder alone while it runs. One that came to nothing leaves nothing behind that would stand in the way of the next try.
 * @throws CultivarError OUTPUT_BUSY, OUTPUT_EXISTS, OUTPUT_WRITE, RESUME_NOTHING; and what `work` throws
 */
export async function inStudyFolder<T>(out: string, { resume = false, begun, signal }: StudyFolderOptions, work: () => Promise<T>): Promise<T> {
  const { entries, release } = await takeFolder(out);
  let ended = false;
  try {
    const there = begun === undefined ? entries.length > 0 : entries.includes(begun);
    if (resume && !there) throw failure('RESUME_NOTHING', { path: out });
    if (!resume && entries.length > 0) throw failure('OUTPUT_EXISTS', { path: out });
    if (resume) await removeParts(out);
    const result = await work();
    ended = true;
    return result;
  } catch (error) {
    if (entries.length === 0 && !signal.aborted) await removeHollow(out, await readdir(out).catch(() => []));
    throw error;
  } finally {
    await release(!ended);
  }
}

/** Removes what was made for work that had no time to write anything: folders and files that are empty, if all are. */
async function removeHollow(out: string, names: readonly string[]): Promise<void> {
  const made = names.filter((name) => !isLockName(name)).map((name) => join(out, name));
  if (await hold(made)) return;
  for (const path of made) await rm(path, { recursive: true, force: true }).catch(() => undefined);
}

/** Whether any of these holds a byte, in whatever depth; so does what cannot be looked at. */
async function hold(paths: readonly string[]): Promise<boolean> {
  for (const path of paths) {
    const found = await stat(path).catch(() => undefined);
    const within = found?.isDirectory() ? await readdir(path).then((names) => names.map((name) => join(path, name)), () => undefined) : [];
    if (!found || !within || (found.isFile() && found.size > 0) || (await hold(within))) return true;
  }
  return false;
}
