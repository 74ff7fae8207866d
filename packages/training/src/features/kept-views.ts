import type { Logger, TensorData } from '@cultivar/sdk';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { readRecordIfWhole, writeRecord } from '../run/record-file.js';
import type { ViewBatch } from './views.js';

/** Larger tables are computed again instead. */
const largest = 2 ** 28;

/** Where the frozen stages' outputs of images as they are lie for other runs, and what decides them. */
export interface SharedViews {
  folder: string;
  /** Hash of what the features of the frozen backbone depend on. */
  print: string;
  logger: Logger;
}

/** What one set of views is, besides that. */
export interface ViewsKept {
  from: string;
  joined: readonly string[];
  indices: readonly number[];
  geometries: number;
}

const file = ({ folder, print }: SharedViews, kept: ViewsKept): string =>
  join(folder, `views-${createHash('sha256').update(JSON.stringify([print, kept])).digest('hex').slice(0, 16)}.bin`);

/** @returns rows in the order of the indices; undefined where they were not kept */
export async function takeViews(shared: SharedViews, kept: ViewsKept): Promise<ViewBatch | undefined> {
  const record = await readRecordIfWhole<null>(file(shared, kept), shared.logger);
  const { inputs, joined } = record?.arrays ?? {};
  return inputs && { inputs, ...(joined && { joined }) };
}

/** @param width of a row. @param read all rows. @throws CultivarError OUTPUT_WRITE */
export async function keepViews(shared: SharedViews, kept: ViewsKept, width: number, read: () => Promise<ViewBatch>): Promise<void> {
  if (4 * width * kept.indices.length > largest) return;
  const arrays: Record<string, TensorData> = { ...await read() };
  await writeRecord(file(shared, kept), { plain: null, arrays });
}
