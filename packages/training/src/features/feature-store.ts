import { failure, type TensorData } from '@cultivar/sdk';
import { writeFailure } from '@cultivar/sdk/internal';
import { createHash } from 'node:crypto';
import { mkdir, open, rm, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { decodeFloat16, encodeFloat16 } from './float16.js';

interface FeatureStoreOptions {
  /** Shape of one entry. */
  shape: readonly number[];
  /** Where entries go that the memory has no room for; removed with the store. Absent: there is room for all. */
  file?: string;
  /** Bytes kept in memory. */
  memoryBudget: number;
}

/**
 * Outputs of the frozen stages, one entry for each view of each image, in half precision: in memory up to a budget,
 * further ones in a file. An entry is written once and read at random. Numbers of any size are kept to one part in 2,048 of
 * themselves, but for those of less than a billionth of an entry's largest where that is beyond half precision.
 */
export class FeatureStore {
  private readonly memory = new Map<number, Uint16Array>();
  /** Powers of two that entries were divided by, whose numbers are beyond half precision. */
  private readonly scales = new Map<number, number>();
  private readonly places = new Map<number, { place: number; sha256: Buffer }>();
  /** Numbers of an entry. */
  readonly width: number;
  private handle: Promise<FileHandle> | undefined;
  private used = 0;
  private spills = 0;
  private room = new Float32Array(0);

  constructor(private readonly options: FeatureStoreOptions) {
    this.width = options.shape.reduce((product, side) => product * side, 1);
  }

  has(entry: number): boolean {
    return this.memory.has(entry) || this.places.has(entry);
  }

  /** Entries in the file. */
  get spilled(): number {
    return this.places.size;
  }

  /** @param rows [entries.length, ...shape] @throws CultivarError OUTPUT_WRITE */
  async put(entries: readonly number[], { data }: TensorData): Promise<void> {
    for (const [row, entry] of entries.entries()) {
      const encoded = this.encode(entry, data.subarray(row * this.width, (row + 1) * this.width));
      if (this.used + encoded.byteLength <= this.options.memoryBudget) {
        this.used += encoded.byteLength;
        this.memory.set(entry, encoded);
      } else {
        await this.spill(entry, encoded);
      }
    }
  }

  /** @returns [entries.length, ...shape] */
  get(entries: readonly number[]): Promise<TensorData> {
    return this.read(entries, new Float32Array(entries.length * this.width));
  }

  /**
   * As `get`, in the same array each time: for a loop that is done with its entries when it asks for the next ones. New memory
   * for each step is a fifth of what reading takes, and is cleared away at the cost of what comes after.
   */
  getInPlace(entries: readonly number[]): Promise<TensorData> {
    const length = entries.length * this.width;
    if (this.room.length < length) this.room = new Float32Array(length);
    return this.read(entries, this.room.subarray(0, length));
  }

  private async read(entries: readonly number[], data: Float32Array): Promise<TensorData> {
    await Promise.all(entries.map(async (entry, row) => {
      const values = decodeFloat16(this.memory.get(entry) ?? await this.fetch(entry), data.subarray(row * this.width, (row + 1) * this.width));
      const scale = this.scales.get(entry);
      if (scale !== undefined) values.forEach((value, at) => { values[at] = value * scale; });
    }));
    return { data, shape: [entries.length, ...this.options.shape] };
  }

  async dispose(): Promise<void> {
    this.memory.clear();
    this.scales.clear();
    this.places.clear();
    const file = await this.handle?.catch(() => undefined);
    this.handle = undefined;
    if (!file) return;
    await file.close();
    await rm(this.options.file!, { force: true });
  }

  private encode(entry: number, values: Float32Array): Uint16Array {
    const encoded = encodeFloat16(values);
    if (!encoded.includes(infinity) && !encoded.includes(infinity | 0x8000)) return encoded;
    const largest = values.reduce((most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most), 1);
    const scale = 2 ** Math.max(0, Math.ceil(Math.log2(largest)) - 15);
    this.scales.set(entry, scale);
    return encodeFloat16(values.map((value) => value / scale));
  }

  private async spill(entry: number, encoded: Uint16Array): Promise<void> {
    const { file: path } = this.options;
    if (path === undefined) throw new Error('the feature store has no room left, and no file');
    try {
      this.handle ??= mkdir(dirname(path), { recursive: true }).then(() => open(path, 'w+'));
      const file = await this.handle;
      const place = this.spills;
      this.spills += 1;
      const bytes = new Uint8Array(encoded.buffer, encoded.byteOffset, encoded.byteLength);
      for (let done = 0; done < bytes.length;) done += (await file.write(bytes, done, bytes.length - done, place * bytes.length + done)).bytesWritten;
      this.places.set(entry, { place, sha256: sha256(bytes) });
    } catch (error) {
      throw writeFailure(path, error);
    }
  }

  private async fetch(entry: number): Promise<Uint16Array> {
    const kept = this.places.get(entry);
    if (kept === undefined || !this.handle) throw new Error(`the feature store has no entry ${entry}`);
    const encoded = new Uint16Array(this.width);
    const bytes = new Uint8Array(encoded.buffer);
    await (await this.handle).read(bytes, 0, bytes.length, kept.place * bytes.length);
    if (!sha256(bytes).equals(kept.sha256)) throw failure('RUN_DAMAGED', { path: this.options.file!, reason: 'it was changed while the run was reading it' });
    return encoded;
  }
}

/** In half precision, which ends at 65,504. */
const infinity = 0x7c00;

const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();
