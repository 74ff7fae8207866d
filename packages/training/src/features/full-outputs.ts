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

  /** @param images how many there will be. @param memoryBudget in bytes */
  constructor(readonly stages: readonly Stage[], images: number, memoryBudget = Math.min(memoryLimit, freemem() * memoryShare)) {
    const bytes = stages.reduce((sum, { outputShape }) => sum + 2 * images * outputShape.reduce((product, side) => product * side, 1), 0);
    if (bytes > memoryBudget) this.stages = [];
    this.stores = new Map(this.stages.map(({ name, outputShape }) => [name, new FeatureStore({ shape: outputShape, memoryBudget: bytes })]));
  }

  /** @param outputs of the stages, in their order, [images.length, ...] each */
  async put(images: readonly number[], outputs: readonly TensorData[]): Promise<void> {
    for (const [position, { name }] of this.stages.entries()) await this.stores.get(name)!.put(images, outputs[position]!);
  }

  /** @returns [images.length, ...]; undefined where not all of them are there */
  async get(stage: string, images: readonly number[]): Promise<TensorData | undefined> {
    const store = this.stores.get(stage);
    return store && images.every((image) => store.has(image)) ? store.get(images) : undefined;
  }
}
