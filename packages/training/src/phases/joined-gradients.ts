import type { JoinedGradients, Optimizer, Regularizer } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import { unflattened } from './flat-tensor.js';

/** Whether a step has a use for joined gradients: where nothing looks at those of single weights. */
export const takesJoinedGradients = (optimizer: Optimizer, regularizers: readonly Regularizer[]): boolean =>
  optimizer.elementwise !== false && !regularizers.some(({ penalty, gradients, noise }) => penalty || gradients || noise);

/** Each weight's gradient as a tensor of its own, in their order. The caller disposes them. @param weights by name */
export function apart({ names, values }: JoinedGradients, weights: Readonly<Record<string, tf.Tensor>>): Record<string, tf.Tensor> {
  const parts = tf.tidy(() => unflattened(values, names.map((name) => weights[name]!.shape)));
  return Object.fromEntries(names.map((name, index) => [name, parts[index]!]));
}

/** The gradients of some of the weights, in the order of all, as one flat tensor: all are the tensor itself. Call it in tf.tidy. */
export function gradientsOf(some: readonly string[], { names, values }: JoinedGradients, weights: Readonly<Record<string, tf.Tensor>>): tf.Tensor1D {
  if (some.length === names.length) return values;
  // Runs of weights that are all among them, or none of which is.
  const wanted = new Set(some);
  const runs: { wanted: boolean; length: number }[] = [];
  for (const name of names) {
    const last = runs.at(-1);
    const { size } = weights[name]!;
    if (last?.wanted === wanted.has(name)) last.length += size;
    else runs.push({ wanted: wanted.has(name), length: size });
  }
  const pieces = unflattened(values, runs.map(({ length }) => [length])).filter((_, index) => runs[index]!.wanted) as tf.Tensor1D[];
  return pieces.length === 1 ? pieces[0]! : tf.concat(pieces);
}
