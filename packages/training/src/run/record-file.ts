import { failure, isCultivarError, type Logger, type TensorData } from '@cultivar/sdk';
import { isOutOfFiles, systemReason, writeAtomically } from '@cultivar/sdk/internal';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

/** A record: plain data, and arrays of numbers by name. */
export interface NumberedRecord<Plain> {
  plain: Plain;
  arrays: Record<string, TensorData>;
}

const magic = Buffer.from('CULTIVR2');
/** Where what the checksum is of begins. */
const sealed = magic.length + 32;

/**
 * Writes a record to one file: magic, SHA-256 of all that follows, length of the header, header in JSON, then the arrays as little-endian float32.
 * @param former where the file that was there goes; absent: it is replaced
 * @throws CultivarError OUTPUT_WRITE, OPEN_FILES
 */
export async function writeRecord<Plain>(path: string, { plain, arrays }: NumberedRecord<Plain>, former?: string): Promise<void> {
  const shapes = Object.entries(arrays).map(([name, { shape }]) => ({ name, shape }));
  const header = Buffer.from(JSON.stringify({ plain, shapes }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const bodies = Object.values(arrays).map(({ data }) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  const hash = createHash('sha256');
  for (const part of [length, header, ...bodies]) hash.update(part);
  await writeAtomically(path, [magic, hash.digest(), length, header, ...bodies], former);
}

/**
 * @returns undefined where there is no such file
 * @throws CultivarError RUN_DAMAGED where it is not what was written, bit by bit; OPEN_FILES
 */
export async function readRecord<Plain>(path: string): Promise<NumberedRecord<Plain> | undefined> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    if (isOutOfFiles(error)) throw failure('OPEN_FILES', { path }, error);
    throw failure('RUN_DAMAGED', { path, reason: systemReason(error) }, error);
  });
  if (!bytes) return undefined;
  if (bytes.length < sealed + 8 || !bytes.subarray(0, magic.length).equals(magic)) throw failure('RUN_DAMAGED', { path, reason: 'it does not begin as it should' });
  const body = bytes.subarray(sealed);
  if (!createHash('sha256').update(body).digest().equals(bytes.subarray(magic.length, sealed))) throw failure('RUN_DAMAGED', { path, reason: 'its checksum is not that of what it holds' });
  const end = 8 + Number(body.readBigUInt64LE(0));
  const { plain, shapes } = JSON.parse(body.toString('utf8', 8, end)) as { plain: Plain; shapes: { name: string; shape: number[] }[] };
  const arrays: Record<string, TensorData> = {};
  let at = end;
  for (const { name, shape } of shapes) {
    const data = new Float32Array(shape.reduce((product, side) => product * side, 1));
    new Uint8Array(data.buffer).set(body.subarray(at, at + data.byteLength));
    arrays[name] = { data, shape };
    at += data.byteLength;
  }
  return { plain, arrays };
}

/** As {@link readRecord}, of what can be made again: where it is damaged, that is said, and it counts as not there. */
export async function readRecordIfWhole<Plain>(path: string, logger: Logger, consequence = 'It is made again.'): Promise<NumberedRecord<Plain> | undefined> {
  try {
    return await readRecord<Plain>(path);
  } catch (error) {
    if (!isCultivarError(error) || error.code !== 'RUN_DAMAGED') throw error;
    logger.warn(`${error.message} ${consequence} [${error.code}]`);
    return undefined;
  }
}
