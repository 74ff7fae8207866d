import { failure } from '@cultivar/sdk';
import { access, constants, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { manifestFile } from '../bundle/manifest.js';
import { makeFolder, writeFailure } from './atomic-file.js';

/** Folder of the run's state, inside the output folder; gone when the bundle is whole. */
export const stateFolder = (out: string): string => join(out, '.run');

/**
 * Looks at the output folder before any work is done.
 * @returns `finished` where a whole bundle is there and the run is to be resumed: there is nothing left to do
 * @throws CultivarError OUTPUT_EXISTS, OUTPUT_WRITE, RESUME_NOTHING
 */
export async function prepareOutput(out: string, resume: boolean): Promise<'fresh' | 'begun' | 'finished'> {
  const found = await stat(out).catch(() => undefined);
  if (found && !found.isDirectory()) throw failure('OUTPUT_EXISTS', { path: out });
  const entries = found ? await readdir(out).catch((error: unknown) => {
    throw writeFailure(out, error);
  }) : [];
  if (resume) {
    if (entries.includes(manifestFile)) return 'finished';
    if (!entries.includes('.run')) throw failure('RESUME_NOTHING', { path: out });
  } else if (entries.length > 0) {
    throw failure('OUTPUT_EXISTS', { path: out });
  }
  await makeFolder(stateFolder(out));
  await access(stateFolder(out), constants.W_OK).catch((error: unknown) => {
    throw writeFailure(out, error);
  });
  return resume ? 'begun' : 'fresh';
}
