import * as tf from '@tensorflow/tfjs-core';
import { frozenBatchNormalization, isBatchNormalization, trainedBatchNormalization, type BatchStatistics } from './layers/batch-normalization.js';
import { ceilingOf, clippedRectifier } from './layers/clipped-rectifier.js';
import type { FlatNetwork, Layer } from './network.js';

/** One layer on its inputs. */
export type Step = (layer: Layer, inputs: tf.Tensor[]) => tf.Tensor[];

function apply(layer: Layer, inputs: tf.Tensor[]): tf.Tensor[] {
  const output = layer.apply(inputs.length === 1 ? inputs[0]! : inputs, { training: false }) as tf.Tensor | tf.Tensor[];
  return Array.isArray(output) ? output : [output];
}

/** Layers as they are at inference. */
export const inferenceStep: Step = apply;

/**
 * Layers as they train: batch-norm frozen, or on its batch with the statistics going to `seen`. All others as at
 * inference: noise inside a pretrained network (dropout) would draw from no seed; the head brings its own.
 */
export const trainingStep = (seen: BatchStatistics[] | undefined): Step => (layer, inputs) => {
  const [x] = inputs as [tf.Tensor];
  if (isBatchNormalization(layer)) return [seen ? trainedBatchNormalization(layer, x, seen) : frozenBatchNormalization(layer, x)];
  const ceiling = ceilingOf(layer);
  return ceiling === undefined ? apply(layer, inputs) : [clippedRectifier(x, ceiling)];
};

/** Runs a network. Call it in tf.tidy; tensors on the way live until that ends. */
export function forward(network: FlatNetwork, input: tf.Tensor, step: Step): tf.Tensor[] {
  const values = new Map([[network.input, input]]);
  for (const { layer, inputs, outputs } of network.calls) {
    const results = step(layer, inputs.map((index) => values.get(index)!));
    outputs.forEach((index, place) => values.set(index, results[place]!));
  }
  return network.outputs.map((index) => values.get(index)!);
}

/** Runs a network for inference; every tensor goes as soon as nothing reads it any more. The caller owns the results. */
export function forwardSparingly(network: FlatNetwork, input: tf.Tensor): tf.Tensor[] {
  const readers = new Map<number, number>();
  const count = (index: number, by: number) => readers.set(index, (readers.get(index) ?? 0) + by);
  for (const { inputs } of network.calls) for (const index of inputs) count(index, 1);
  for (const index of network.outputs) count(index, 1);
  const values = new Map([[network.input, tf.clone(input)]]);
  for (const { layer, inputs, outputs } of network.calls) {
    // A layer that does nothing returns its own input: cloned, so that each has an owner.
    const results = tf.tidy(() => inferenceStep(layer, inputs.map((index) => values.get(index)!)).map((result) => tf.clone(result)));
    outputs.forEach((index, place) => values.set(index, results[place]!));
    for (const index of inputs) {
      count(index, -1);
      if (readers.get(index) === 0) values.get(index)!.dispose();
    }
    for (const index of outputs) if (!readers.has(index)) values.get(index)!.dispose();
  }
  const results = network.outputs.map((index) => tf.clone(values.get(index)!));
  for (const index of new Set(network.outputs)) values.get(index)!.dispose();
  if (!readers.has(network.input)) values.get(network.input)!.dispose();
  return results;
}
