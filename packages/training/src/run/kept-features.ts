import type { DecodeFailure } from '@cultivar/data';
import type { Logger } from '@cultivar/sdk';
import { join } from 'node:path';
import type { ImageSet } from '../features/image-set.js';
import type { PooledFeatures } from '../features/pooled-features.js';
import { readRecordIfWhole, writeRecord } from './record-file.js';

interface Plain {
  fingerprint: string;
  failures: DecodeFailure[];
  /** Of each stage the images whose rows are there. */
  known: Record<string, readonly number[]>;
}

/** Larger tables are computed again instead. */
const largest = 2 ** 29;
const file = (folder: string): string => join(folder, 'features.bin');

/** Writes down the features of the first pass, with those of other runs that were taken from there, and which images could not be decoded. */
export async function keepFeatures(folder: string, fingerprint: string, features: PooledFeatures, images: ImageSet): Promise<void> {
  const stages = Object.entries(features.snapshot());
  if (stages.reduce((sum, [, { table }]) => sum + table.data.byteLength, 0) > largest) return;
  const known = Object.fromEntries(stages.map(([stage, own]) => [stage, own.images]));
  await writeRecord<Plain>(file(folder), {
    plain: { fingerprint, failures: images.withdrawn, known }, arrays: Object.fromEntries(stages.map(([stage, { table }]) => [stage, table])),
  });
}

/**
 * Takes back what was written down for the same data and backbone, if it is there, and whole.
 * @param wanted numbers of the images that this run will compute: of those that could not be decoded, these are withdrawn
 */
export async function takeFeatures(folder: string, fingerprint: string, features: PooledFeatures, images: ImageSet, { wanted, logger }: { wanted: readonly number[]; logger: Logger }): Promise<void> {
  const record = await readRecordIfWhole<Plain>(file(folder), logger);
  if (record?.plain.fingerprint !== fingerprint) return;
  const { failures, known } = record.plain;
  const own = new Set(wanted);
  images.withdraw(failures.filter(({ index }) => own.has(index)));
  features.restore(Object.fromEntries(Object.entries(record.arrays).map(([stage, table]) => [stage, { table, images: known[stage] ?? [] }])));
}
