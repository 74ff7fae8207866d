import { NumberRoom, type JoinedGradients } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensors } from './in-place.js';

/**
 * Gradients of a step, summed over the groups of its images: in one array, one behind the other, in the order of the weights. The
 * backward graph of the first group may write them there itself.
 */
export class GradientSums {
  readonly values: Float32Array;
  /** Parts of `values`, by the names of the backward graph's results. */
  readonly places: ReadonlyMap<string, Float32Array>;
  /** Parts of `values`, by weight. */
  private readonly parts: ReadonlyMap<string, Float32Array>;
  private readonly room = new NumberRoom();

  /** @param results of the backward graph, by weight; the gradient of a weight without one is zero */
  constructor(private readonly weights: Readonly<Record<string, tf.Variable>>, results: ReadonlyMap<string, string>) {
    this.values = new Float32Array(Object.values(weights).reduce((sum, { size }) => sum + size, 0));
    let end = 0;
    this.parts = new Map(Object.entries(weights).map(([weight, { size }]) => [weight, this.values.subarray(end, (end += size))]));
    this.places = new Map(Array.from(results, ([weight, result]) => [result, this.parts.get(weight)!]));
    if (this.places.size < results.size) throw new Error('two weights share a gradient');
  }

  /** @param results of a group of images; those of the first take the place of what was there, unless they stand in it */
  add(results: Tensors, first: boolean): void {
    for (const [name, place] of this.places) {
      const values = results[name]!.data as Float32Array;
      if (!first) for (let index = 0; index < place.length; index += 1) place[index]! += values[index]!;
      else if (values.buffer !== place.buffer) place.set(values);
    }
  }

  /** All in one tensor. Its numbers are known to stand here until `withdraw`. */
  joined(): JoinedGradients {
    const values = tf.tensor1d(toKeep(this.values));
    this.room.publish('joined', values, this.values);
    return { names: Object.keys(this.weights), values };
  }

  /** By weight. */
  apart(): Record<string, tf.Tensor> {
    return Object.fromEntries(Object.entries(this.weights).map(([weight, { shape }]) => [weight, tf.tensor(toKeep(this.parts.get(weight)!), shape)]));
  }

  /** Call it before they are written anew. */
  withdraw(): void {
    this.room.withdraw('joined');
  }
}

/** The next step writes over the numbers. WebAssembly's memory takes a copy of its own at once; other backends of tfjs hold on to what they are given. */
const toKeep = (numbers: Float32Array): Float32Array => (tf.getBackend() === 'wasm' ? numbers : numbers.slice());
