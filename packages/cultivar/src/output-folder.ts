import { failure } from '@cultivar/sdk';
import { writeFailure } from '@cultivar/sdk/internal';
import { existsSync, mkdirSync, readdirSync, rmdirSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';

/** Folder that default outputs go into, in the working folder. */
export const outputRoot = 'cultivar-out';

/** The name a run gets from its data: the folder's, or the CSV file's (its folder's where it is called split or labels). */
export function nameOfData(data: string): string {
  const path = resolve(data);
  const extension = extname(path).toLowerCase();
  let name = basename(path);
  if (extension === '.csv') {
    const stem = basename(path, extname(path));
    name = /^(split|splits|labels|index|data)$/i.test(stem) ? basename(dirname(path)) : stem;
  }
  // Names of files hold 255 bytes, and a letter up to four.
  return [...name.replace(/[^\p{L}\p{N}._-]+/gu, '-').replace(/^[-.]+|-+$/g, '')].slice(0, 60).join('') || 'run';
}

/** Folders of earlier runs on data of this name, with their numbers; the first run has no number in its name. */
function earlier(root: string, name: string): { path: string; number: number }[] {
  if (!existsSync(root)) return [];
  const found = [];
  for (const entry of readdirSync(root)) {
    if (entry === name) found.push({ path: join(root, entry), number: 1 });
    else if (entry.startsWith(`${name}-`) && /^\d+$/.test(entry.slice(name.length + 1))) {
      found.push({ path: join(root, entry), number: Number(entry.slice(name.length + 1)) });
    }
  }
  return found;
}

/**
 * Makes a folder that was not there: `cultivar-out/<data>`, then `cultivar-out/<data>-2`, ... No two runs are given the same, in whichever processes.
 * @returns absolute path
 * @throws CultivarError OUTPUT_WRITE, OPEN_FILES
 */
export function freshFolder(data: string, workingFolder: string): string {
  const root = resolve(workingFolder, outputRoot);
  const name = nameOfData(data);
  for (;;) {
    let path = root;
    try {
      const next = 1 + Math.max(0, ...earlier(root, name).map(({ number }) => number));
      path = join(root, next === 1 ? name : `${name}-${next}`);
      mkdirSync(root, { recursive: true });
      mkdirSync(path);
      return path;
    } catch (error) {
      // Another run was first, or has just taken away the root that it left empty.
      const { code, syscall } = error as NodeJS.ErrnoException;
      if (syscall !== 'mkdir' || !(code === 'EEXIST' && existsSync(path)) && !(code === 'ENOENT' && existsSync(workingFolder))) throw writeFailure(path, error);
    }
  }
}

/**
 * Where a study writes: what was asked for, or a fresh `cultivar-out/<study>-<data>`; with `resume` the newest one of that name.
 * @throws CultivarError OUTPUT_WRITE, OPEN_FILES; RESUME_NOTHING
 */
export function studyFolder(study: string, data: string, { out, resume }: { out?: string; resume?: boolean }): string {
  if (out !== undefined) return resolve(out);
  const name = `${study}-${nameOfData(data)}`;
  if (!resume) return freshFolder(name, process.cwd());
  const newest = earlier(resolve(outputRoot), name).sort((a, b) => b.number - a.number)[0];
  if (!newest) throw failure('RESUME_NOTHING', { path: outputRoot });
  return newest.path;
}

/** A fresh folder in which nothing came to be goes again. */
export function discardIfEmpty(path: string): void {
  try {
    rmdirSync(path);
    rmdirSync(dirname(path));
  } catch {
    // Something lies in it.
  }
}

/** Does work whose output goes to a folder; one that was made for it by {@link freshFolder} is not left behind empty. */
export async function intoFolder<T>(out: string, given: string | undefined, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (given === undefined) discardIfEmpty(out);
    throw error;
  }
}

/** @returns absolute path of the newest unfinished run on this data in the default place, if there is one */
export function unfinishedFolder(data: string, workingFolder: string): string | undefined {
  return earlier(resolve(workingFolder, outputRoot), nameOfData(data))
    .filter(({ path }) => existsSync(join(path, '.run')))
    .map(({ path }) => ({ path, time: statSync(join(path, '.run'), { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
    .sort((a, b) => b.time - a.time)[0]?.path;
}
