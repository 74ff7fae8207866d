import { makeFolder, writeAtomically } from '@cultivar/sdk/internal';
import { takeFolder } from '@cultivar/training';
import { join, resolve } from 'node:path';

/** Writes pictures into a folder, made if missing. @returns their paths. @throws CultivarError OUTPUT_WRITE, OPEN_FILES */
export async function writePictures(folder: string, pictures: Readonly<Record<string, string>>): Promise<string[]> {
  const out = resolve(folder);
  await makeFolder(out);
  for (const [name, text] of Object.entries(pictures)) await writeAtomically(join(out, name), [text]);
  return Object.keys(pictures).map((name) => join(out, name));
}

/**
 * Does work whose pictures go to a folder. That they can be written there is known before it begins.
 * @throws CultivarError OUTPUT_BUSY, OUTPUT_EXISTS where it is a file, OUTPUT_WRITE, OPEN_FILES; and what `work` throws
 */
export async function intoPictureFolder<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const { release } = await takeFolder(resolve(folder));
  let ended = false;
  try {
    const result = await work();
    ended = true;
    return result;
  } finally {
    await release(!ended);
  }
}
