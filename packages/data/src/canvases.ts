/** Decoded images by number, in batches: decoded ahead while the consumer computes, and once only. */
import { freemem } from 'node:os';
import { failure, type Logger, type Preprocessing, type Progress, type TensorData } from '@cultivar/sdk';
import { CanvasStore } from './canvas-store.js';
import { checkPreprocessing, decodeFile } from './canvas.js';
import type { Sample } from './dataset.js';
import { fileProblem, type SetAsideCode } from './image-problem.js';
import { Slots } from './slots.js';

export interface CanvasOptions {
  /** Where canvases beyond the memory budget go, in one file that is gone afterwards. Default: the system's temporary folder. */
  cacheFolder?: string;
  /** Bytes of canvases kept in memory. Default: a quarter of what is free, 1 GiB at most. */
  memoryBudget?: number;
  /** Pixels of an image at most. Default 200 million. */
  maximumPixels?: number;
  /**
   * Images under way at once, 64 by default; how many are decoded at one moment is up to libuv's threads (four, or
   * UV_THREADPOOL_SIZE). Deep, so that these have work while the main thread is inside a computation.
   */
  concurrency?: number;
  logger?: Logger;
  /** One step for every image that is decoded for the first time. */
  progress?: Progress;
  signal?: AbortSignal;
}

/** An image that passed the scan and could not be decoded. */
export interface DecodeFailure {
  index: number;
  code: SetAsideCode;
  reason: string;
}

export interface CanvasBatch {
  /** Which images these are; those that could not be decoded are missing. */
  indices: number[];
  /** [indices.length, size, size, 3], uint8, RGB. */
  images: TensorData<Uint8Array>;
}

/** Bytes; what the container allows counts where Node knows it (from 20.13 on), and so does memory that only caches files. */
function availableMemory(): number {
  const known = process as { availableMemory?: () => number };
  return known.availableMemory?.() ?? freemem();
}

/** Pixels of input that one slot stands for: large photos take several, so that memory stays flat. */
const pixelsPerSlot = 2_000_000;

/**
 * Opens the images of samples as canvases of a network's size.
 * @param samples their position is the index by which they are asked for
 */
export function openCanvases(samples: readonly Sample[], preprocessing: Preprocessing, options: CanvasOptions = {}): Canvases {
  return new Canvases(samples, preprocessing, options);
}

/** See {@link openCanvases}. */
export class Canvases {
  /** In the order in which they were met. */
  readonly failures: DecodeFailure[] = [];
  readonly size: number;
  readonly count: number;
  private readonly store: CanvasStore;
  private readonly concurrency: number;
  private readonly slots: Slots;
  private readonly underWay = new Map<number, Promise<Uint8Array | undefined>>();
  private readonly failed = new Set<number>();
  private readonly decoded = new Set<number>();
  private task: ReturnType<Progress['start']> | undefined;
  private disposed = false;

  constructor(private readonly samples: readonly Sample[], private readonly preprocessing: Preprocessing, private readonly options: CanvasOptions) {
    checkPreprocessing(preprocessing);
    this.size = preprocessing.size;
    this.count = samples.length;
    this.concurrency = options.concurrency ?? 64;
    this.slots = new Slots(this.concurrency);
    this.store = new CanvasStore({
      canvasBytes: this.canvasBytes,
      memoryBudget: options.memoryBudget ?? Math.min(2 ** 30, availableMemory() / 4),
      ...(options.cacheFolder !== undefined && { folder: options.cacheFolder }),
      ...(options.logger && { logger: options.logger }),
    });
  }

  /**
   * @param indices any of the images, in any order
   * @returns [indices.length, size, size, 3], uint8, RGB, a copy
   * @throws CultivarError IMAGE_UNREADABLE where one of them cannot be decoded; the signal's reason when aborted
   */
  async batch(indices: readonly number[]): Promise<TensorData<Uint8Array>> {
    const canvases = await Promise.all(indices.map((index) => this.canvas(index)));
    this.options.signal?.throwIfAborted();
    const lost = canvases.indexOf(undefined);
    if (lost >= 0) throw failure('IMAGE_UNREADABLE', { path: this.samples[indices[lost]!]!.path, reason: this.reasonOf(indices[lost]!) });
    return this.stack(canvases as Uint8Array[]);
  }

  /**
   * Goes through the images once, some way ahead of the consumer: at least three batches, and as many images as may be
   * under way at once. Images that cannot be decoded are left out and listed in `failures`.
   * @param order which images, and in which order; default: all as they stand
   * @throws the signal's reason when aborted
   */
  async *batches(batchSize: number, order: readonly number[] = this.samples.map((_, index) => index)): AsyncGenerator<CanvasBatch> {
    const ahead: Promise<Uint8Array | undefined>[] = [];
    const reach = Math.max(this.concurrency, 3 * batchSize);
    let begun = 0;
    const begin = () => {
      for (; begun < order.length && ahead.length < reach; begun += 1) {
        const canvas = this.canvas(order[begun]!);
        // An error is met where the image's turn comes.
        canvas.catch(() => undefined);
        ahead.push(canvas);
      }
    };
    let indices: number[] = [];
    let canvases: Uint8Array[] = [];
    for (const index of order) {
      begin();
      const canvas = await ahead.shift()!;
      this.options.signal?.throwIfAborted();
      if (!canvas) continue;
      indices.push(index);
      canvases.push(canvas);
      if (indices.length === batchSize) {
        begin();
        yield { indices, images: this.stack(canvases) };
        [indices, canvases] = [[], []];
      }
    }
    if (indices.length > 0) yield { indices, images: this.stack(canvases) };
  }

  /** Waits for what is under way, frees the memory and removes the file. */
  async dispose(): Promise<void> {
    this.disposed = true;
    await Promise.allSettled(this.underWay.values());
    this.task?.finish();
    this.task = undefined;
    await this.store.dispose();
  }

  private get canvasBytes(): number {
    return this.preprocessing.size ** 2 * 3;
  }

  private stack(canvases: readonly Uint8Array[]): TensorData<Uint8Array> {
    const data = new Uint8Array(canvases.length * this.canvasBytes);
    for (const [position, canvas] of canvases.entries()) data.set(canvas, position * this.canvasBytes);
    return { data, shape: [canvases.length, this.size, this.size, 3] };
  }

  private reasonOf(index: number): string {
    return this.failures.find((one) => one.index === index)?.reason ?? 'it could not be decoded';
  }

  /** @returns undefined for an image that cannot be decoded */
  private async canvas(index: number): Promise<Uint8Array | undefined> {
    if (this.disposed) throw new Error('the canvases are disposed');
    const sample = this.samples[index];
    if (!sample) throw new RangeError(`there is no image ${index} among ${this.count}`);
    if (this.failed.has(index)) return undefined;
    const begun = this.underWay.get(index);
    if (begun) return await begun;
    const job = this.fetch(index, sample).finally(() => this.underWay.delete(index));
    this.underWay.set(index, job);
    return await job;
  }

  private async fetch(index: number, sample: Sample): Promise<Uint8Array | undefined> {
    const kept = await this.store.get(index);
    if (kept) return kept;
    try {
      const canvas = await this.slots.run((sample.width * sample.height) / pixelsPerSlot, async () => {
        this.options.signal?.throwIfAborted();
        return await decodeFile(sample.path, sample, this.preprocessing, this.options);
      });
      await this.store.put(index, canvas);
      return canvas;
    } catch (error) {
      if (this.options.signal?.aborted) throw error;
      const { code, message } = fileProblem(error);
      this.failed.add(index);
      this.failures.push({ index, code, reason: message });
      this.options.logger?.warn(`${sample.name} is left out: ${message}`);
      return undefined;
    } finally {
      this.countStep(index);
    }
  }

  private countStep(index: number): void {
    if (this.decoded.has(index)) return;
    this.decoded.add(index);
    this.task ??= this.options.progress?.start('Decoding images', this.count, 'images');
    this.task?.advance();
    if (this.decoded.size === this.count) {
      this.task?.finish();
      this.task = undefined;
    }
  }
}
