import type { DecodeFailure } from '@cultivar/data';
import { join } from 'node:path';
import type { ImageSet } from '../features/image-set.js';
import type { PooledFeatures } from '../features/pooled-features.js';
import { readRecord, writeRecord } from './record-file.js';

interface Plain {
  fingerprint: string;
  failures: DecodeFailure[];
}

/** Larger tables are computed again instead. */
const largest = 2 ** 29;
const file = (folder: string): string => join(folder, 'features.bin');

/**
 * Writes the features of the first pass down, and which images could not be decoded.
 * @param indices of the images whose features are there
 */
export async function keepFeatures(folder: string, fingerprint: string, features: PooledFeatures, images: ImageSet, indices: () => number[]): Promise<void> {
  const arrays = features.snapshot(indices());
  if (Object.values(arrays).reduce((sum, { data }) => sum + data.byteLength, 0) > largest) return;
  await writeRecord<Plain>(file(folder), { plain: { fingerprint, failures: images.withdrawn }, arrays });
}

/** Takes back what was written down for the same images and backbone, if it is there. */
export async function takeFeatures(folder: string, fingerprint: string, features: PooledFeatures, images: ImageSet, indices: () => number[]): Promise<void> {
  const record = await readRecord<Plain>(file(folder));
  if (record?.plain.fingerprint !== fingerprint) return;
  images.withdraw(record.plain.failures);
  features.restore(record.arrays, indices());
}
