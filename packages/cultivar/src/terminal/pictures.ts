import { failure } from '@cultivar/sdk';
import { makeFolder, writeAtomically } from '@cultivar/sdk/internal';
import { takeFolder } from '@cultivar/training';
import { join, resolve } from 'node:path';
import { freshFolder, intoFolder } from '../output-folder.js';

/** Writes pictures into a folder, made if missing. @returns their paths. @throws CultivarError OUTPUT_WRITE, OPEN_FILES */
export async function writePictures(folder: string, pictures: Readonly<Record<string, string>>): Promise<string[]> {
  const out = resolve(folder);
  await makeFolder(out);
  for (const [name, text] of Object.entries(pictures)) await writeAtomically(join(out, name), [text]);
  return Object.keys(pictures).map((name) => join(out, name));
}

/**
 * Does work whose pictures go to a folder: the one that was asked for, or a fresh `cultivar-out/<name>`. That they can be written there, and that nothing
 * lies there yet, is known before it begins.
 * @param work is given the folder, an absolute path
 * @throws CultivarError OUTPUT_BUSY, OUTPUT_EXISTS where it is a file or holds anything, OUTPUT_WRITE, OPEN_FILES; and what `work` throws
 */
export async function intoPictureFolder<T>(name: string, given: string | undefined, work: (out: string) => Promise<T>): Promise<T> {
  const out = given === undefined ? freshFolder(name, process.cwd()) : resolve(given);
  return intoFolder(out, given, async () => {
    const { entries, release } = await takeFolder(out);
    let ended = false;
    try {
      if (entries.length > 0) throw failure('OUTPUT_EXISTS', { path: out });
      const result = await work(out);
      ended = true;
      return result;
    } finally {
      await release(!ended);
    }
  });
}
