import type * as tf from '@tensorflow/tfjs-core';

/** What tfjs hands to a layer's `call` besides its inputs. */
export type CallArguments = Record<string, unknown>;

/** The one tensor of a layer that reads one. */
export function only(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
  return Array.isArray(inputs) ? inputs[0]! : inputs;
}

/** Draws anew at each training call: numbers follow from the layer's seed and from how often it was called. */
export class Draws {
  private calls = 0;

  constructor(private readonly seed: number) {}

  next(): number {
    this.calls += 1;
    // A prime step, so that layers of neighbouring seeds do not draw the same numbers one call apart.
    return this.seed + this.calls * 7919;
  }
}
