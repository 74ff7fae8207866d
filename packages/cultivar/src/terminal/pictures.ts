import { makeFolder, writeAtomically } from '@cultivar/sdk/internal';
import { join, resolve } from 'node:path';

/** Writes pictures into a folder, made if missing. @returns their paths. @throws CultivarError OUTPUT_WRITE, OPEN_FILES */
export async function writePictures(folder: string, pictures: Readonly<Record<string, string>>): Promise<string[]> {
  const out = resolve(folder);
  await makeFolder(out);
  for (const [name, text] of Object.entries(pictures)) await writeAtomically(join(out, name), [text]);
  return Object.keys(pictures).map((name) => join(out, name));
}
