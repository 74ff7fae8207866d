import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Start of the name of a folder that an installation works in; should it be killed, {@link removeLeftovers} knows it by that. */
export const leftoverName = (what: string): string => `.${what}-${process.pid}-`;

/** Removes what installations that were killed have left in a folder. For whoever has the lock of the installations. */
export async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (/^\.[a-z]+-\d+-/.test(name)) await rm(join(folder, name), { recursive: true, force: true });
  }
}
