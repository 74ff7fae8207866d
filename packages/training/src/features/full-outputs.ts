import type { Stage, TensorData } from '@cultivar/sdk';
import { freemem } from 'node:os';
import { FeatureStore } from './feature-store.js';

/** Of the memory that is free, and 256 MiB at most. */
const memoryShare = 0.1;
const memoryLimit = 2 ** 28;

/**
 * Outputs of stages in full, not averaged over the places, of images as they are: what a phase that begins behind such a stage is
 * given. Kept in half precision, as views are; only where there is room for all images, since it can be computed again.
 */
export class FullOutputs {
  private readonly stores: ReadonlyMap<string, FeatureStore>;
  private readonly images: ReadonlySet<number>;

  /** @param images those that are kept. @param memoryBudget in bytes */
  constructor(readonly stages: readonly Stage[], images: readonly number[], memoryBudget = Math.min(memoryLimit, freemem() * memoryShare)) {
    this.images = new Set(images);
    const bytes = stages.reduce((sum, { outputShape }) => sum + 2 * this.images.size * outputShape.reduce((product, side) => product * side, 1), 0);
    if (bytes > memoryBudget) this.stages = [];
    this.stores = new Map(this.stages.map(({ name, outputShape }) => [name, new FeatureStore({ shape: outputShape, memoryBudget: bytes })]));
  }

  /** Keeps those that are to be kept. @param outputs of the stages, in their order, [images.length, ...] each */
  async put(images: readonly number[], outputs: readonly TensorData[]): Promise<void> {
    const rows = images.flatMap((image, row) => (this.images.has(image) ? [row] : []));
    if (rows.length === 0) return;
    for (const [position, { name }] of this.stages.entries()) await this.stores.get(name)!.put(rows.map((row) => images[row]!), rowsOf(outputs[position]!, rows));
  }

  /** @returns [images.length, ...]; undefined where not all of them are there */
  async get(stage: string, images: readonly number[]): Promise<TensorData | undefined> {
    const store = this.stores.get(stage);
    return store && images.every((image) => store.has(image)) ? store.get(images) : undefined;
  }
}

function rowsOf({ data, shape: [all = 0, ...shape] }: TensorData, rows: readonly number[]): TensorData {
  if (rows.length === all) return { data, shape: [all, ...shape] };
  const width = data.length / all;
  const chosen = new Float32Array(rows.length * width);
  rows.forEach((row, index) => chosen.set(data.subarray(row * width, (row + 1) * width), index * width));
  return { data: chosen, shape: [rows.length, ...shape] };
}
