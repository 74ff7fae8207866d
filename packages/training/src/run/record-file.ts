import type { TensorData } from '@cultivar/sdk';
import { readFile } from 'node:fs/promises';
import { writeAtomically } from './atomic-file.js';

/** A record: plain data, and arrays of numbers by name. */
export interface NumberedRecord<Plain> {
  plain: Plain;
  arrays: Record<string, TensorData>;
}

const magic = Buffer.from('CULTIVR1');

/**
 * Writes a record to one file: magic, length of the header, header in JSON, then the arrays as little-endian float32.
 * @throws CultivarError OUTPUT_WRITE
 */
export async function writeRecord<Plain>(path: string, { plain, arrays }: NumberedRecord<Plain>): Promise<void> {
  const shapes = Object.entries(arrays).map(([name, { shape }]) => ({ name, shape }));
  const header = Buffer.from(JSON.stringify({ plain, shapes }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const bodies = Object.values(arrays).map(({ data }) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  await writeAtomically(path, [magic, length, header, ...bodies]);
}

/** @returns undefined where there is no such file, or not a whole one */
export async function readRecord<Plain>(path: string): Promise<NumberedRecord<Plain> | undefined> {
  const bytes = await readFile(path).catch(() => undefined);
  if (!bytes || bytes.length < 16 || !bytes.subarray(0, 8).equals(magic)) return undefined;
  const end = 16 + Number(bytes.readBigUInt64LE(8));
  if (end > bytes.length) return undefined;
  const { plain, shapes } = JSON.parse(bytes.toString('utf8', 16, end)) as { plain: Plain; shapes: { name: string; shape: number[] }[] };
  const arrays: Record<string, TensorData> = {};
  let at = end;
  for (const { name, shape } of shapes) {
    const count = shape.reduce((product, side) => product * side, 1);
    if (at + 4 * count > bytes.length) return undefined;
    const data = new Float32Array(count);
    new Uint8Array(data.buffer).set(bytes.subarray(at, at + 4 * count));
    arrays[name] = { data, shape };
    at += 4 * count;
  }
  return at === bytes.length ? { plain, arrays } : undefined;
}
