import { z } from '@cultivar/sdk';
import { isLockName, openSealedJson, readFileInside, sealJson, writeAtomically, writeFailure } from '@cultivar/sdk/internal';
import { createHash } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { modelJsonLimit, weightsLimit } from './model-json.js';

/** What was fetched into a folder of the cache, written down as it came. */
export interface FetchRecord {
  /** Whether all of it is there. */
  whole: boolean;
  /** In the order of model.json, which is the first. */
  files: { name: string; bytes: number; sha256: string }[];
}

export const recordName = 'fetched.json';

const schema = z.object({
  whole: z.boolean(),
  files: z.array(z.object({ name: z.string().regex(/^[\w.-]+$/), bytes: z.int().min(0), sha256: z.string().length(64) })).min(1).max(10_001),
});

export async function writeFetchRecord(folder: string, record: FetchRecord): Promise<void> {
  await writeAtomically(join(folder, recordName), [`${sealJson(record)}\n`]);
}

/** @returns undefined where there is none, or where it is damaged */
export async function readFetchRecord(folder: string): Promise<FetchRecord | undefined> {
  const text = await readFileInside(folder, recordName, modelJsonLimit).then((bytes) => bytes.toString('utf8').trimEnd(), () => undefined);
  return text === undefined ? undefined : schema.safeParse(openSealedJson(text)).data;
}

/** A file of the cache, verified against what was written down. @returns undefined where it is not as it was fetched */
async function readVerified(folder: string, { name, bytes, sha256 }: FetchRecord['files'][number]): Promise<Buffer | undefined> {
  const found = await readFileInside(folder, name, Math.min(bytes, weightsLimit)).catch(() => undefined);
  return found?.byteLength === bytes && createHash('sha256').update(found).digest('hex') === sha256 ? found : undefined;
}

/** All files of a copy. @returns undefined where one is not as it was fetched */
export async function readAllVerified(folder: string, { files }: FetchRecord): Promise<Buffer[] | undefined> {
  const found: Buffer[] = [];
  for (const file of files) {
    const bytes = await readVerified(folder, file);
    if (!bytes) return undefined;
    found.push(bytes);
  }
  return found;
}

/** Those files of a record that are there as they were fetched. */
export async function verifiedFiles(folder: string, { files }: FetchRecord): Promise<FetchRecord['files']> {
  const found: FetchRecord['files'] = [];
  for (const file of files) if (await readVerified(folder, file)) found.push(file);
  return found;
}

/**
 * Clears away all but what is named: parts of downloads that were killed, damaged files, files of a former model, folders in the way of files.
 * For whoever has the folder alone. @throws CultivarError OUTPUT_WRITE
 */
export async function keepOnly(folder: string, names: readonly string[]): Promise<void> {
  for (const name of await readdir(folder)) {
    if (isLockName(name) || names.includes(name)) continue;
    await rm(join(folder, name), { recursive: true, force: true }).catch((error: unknown) => { throw writeFailure(join(folder, name), error); });
  }
}
