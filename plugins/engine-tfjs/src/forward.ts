import type { FlatNetwork, Layer } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import type { TrainingCall } from './blocks.js';
import { frozenBatchNormalization, isBatchNormalization, trainedBatchNormalization, type BatchStatistics } from './layers/batch-normalization.js';
import { ceilingOf, clippedRectifier } from './layers/clipped-rectifier.js';
import { convolutionBlock } from './layers/convolution-block.js';

function apply(layer: Layer, inputs: tf.Tensor[]): tf.Tensor[] {
  const output = layer.apply(inputs.length === 1 ? inputs[0]! : inputs, { training: false }) as tf.Tensor | tf.Tensor[];
  return Array.isArray(output) ? output : [output];
}

/**
 * One layer or block as it trains: batch-norm frozen, or on its batch with the statistics going to `seen`. All others
 * as at inference: noise inside a pretrained network (dropout) would draw from no seed; the head brings its own.
 */
function train({ layer, block, inputTrains }: TrainingCall, inputs: tf.Tensor[], seen: BatchStatistics[] | undefined): tf.Tensor[] {
  const [x] = inputs as [tf.Tensor];
  if (block) return [convolutionBlock(block, x as tf.Tensor4D, inputTrains)];
  if (isBatchNormalization(layer)) return [seen ? trainedBatchNormalization(layer, x, seen) : frozenBatchNormalization(layer, x)];
  const ceiling = ceilingOf(layer);
  return ceiling === undefined ? apply(layer, inputs) : [clippedRectifier(x, ceiling)];
}

/**
 * Runs a network in training. Call it in tf.tidy; tensors on the way live until that ends.
 * @param seen gets the statistics of batch-norm layers; absent: these are frozen
 */
export function forwardInTraining(calls: readonly TrainingCall[], network: FlatNetwork, input: tf.Tensor, seen: BatchStatistics[] | undefined): tf.Tensor {
  const values = new Map([[network.input, input]]);
  for (const call of calls) {
    const results = train(call, call.inputs.map((index) => values.get(index)!), seen);
    call.outputs.forEach((index, place) => values.set(index, results[place]!));
  }
  return values.get(network.outputs[0]!)!;
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
    const results = tf.tidy(() => apply(layer, inputs.map((index) => values.get(index)!)).map((result) => tf.clone(result)));
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
