import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Start of the name of a folder that this process works in; should it be killed, {@link removeLeftovers} knows it by that. */
export const leftoverName = (what: string): string => `.${what}-${process.pid}-`;

/** Removes what processes that are no more have left in a folder. */
export async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const pid = Number(/^\.[a-z]+-(\d+)-/.exec(name)?.[1] ?? 0);
    if (pid > 0 && !isAlive(pid)) await rm(join(folder, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
