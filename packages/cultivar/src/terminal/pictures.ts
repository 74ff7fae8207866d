import { failure } from '@cultivar/sdk';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** Writes pictures into a folder, made if missing. @returns their paths. @throws CultivarError OUTPUT_WRITE */
export async function writePictures(folder: string, pictures: Readonly<Record<string, string>>): Promise<string[]> {
  const out = resolve(folder);
  try {
    await mkdir(out, { recursive: true });
    for (const [name, text] of Object.entries(pictures)) await writeFile(join(out, name), text);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw failure('OUTPUT_WRITE', { path: out, reason: code ?? message }, error);
  }
  return Object.keys(pictures).map((name) => join(out, name));
}
