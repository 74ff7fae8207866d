import { meanOverPlaces } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import type { TrainingCall } from './blocks.js';
import type { Kernels } from './kernels.js';
import { frozenBatchNormalization, isBatchNormalization, normalisesLastAxis, trainedBatchNormalization, type BatchStatistics } from './layers/batch-normalization.js';
import { convolutionBlock } from './layers/convolution-block.js';
import { convolutionChain } from './layers/convolution-chain.js';
import { rectifier, rectifierOf } from './layers/rectifier.js';
import type { FlatNetwork, Layer } from './network/flat-network.js';

function apply(layer: Layer, inputs: tf.Tensor[]): tf.Tensor[] {
  const output = layer.apply(inputs.length === 1 ? inputs[0]! : inputs, { training: false }) as tf.Tensor | tf.Tensor[];
  return Array.isArray(output) ? output : [output];
}

/**
 * One layer or block as it trains: batch-norm frozen, or on its batch with the statistics going to `seen`. All others
 * as at inference: noise inside a pretrained network (dropout) would draw from no seed; the head brings its own.
 */
function run({ layer, block, chain, activation, inputTrains }: TrainingCall, inputs: tf.Tensor[], seen: BatchStatistics[] | undefined, kernels: Kernels): tf.Tensor[] {
  const [x] = inputs as [tf.Tensor];
  if (block) return [convolutionBlock(block, x, inputTrains, kernels)];
  if (chain && seen) return [convolutionChain(chain, x, inputTrains, seen, kernels, kernels.chain!()!)];
  if (isBatchNormalization(layer) && seen) return [trainedBatchNormalization(layer, x, activation ?? 'linear', seen, kernels)];
  // Along another axis than the last: as the layer itself does it.
  if (isBatchNormalization(layer) && normalisesLastAxis(layer, x.rank)) return [frozenBatchNormalization(layer, x)];
  if (layer.getClassName() === 'GlobalAveragePooling2D' && layer.getConfig()['dataFormat'] !== 'channelsFirst') return [meanOverPlaces(x as tf.Tensor4D)];
  const kind = rectifierOf(layer);
  return kind ? [rectifier(x, kind, kernels)] : apply(layer, inputs);
}

/**
 * Runs a network in training. Call it in tf.tidy; tensors on the way live until that ends.
 * @param seen gets the statistics of batch-norm layers; absent: these are frozen
 */
export function forwardInTraining(calls: readonly TrainingCall[], network: FlatNetwork, input: tf.Tensor, seen: BatchStatistics[] | undefined, kernels: Kernels): tf.Tensor {
  const values = new Map([[network.input, input]]);
  for (const call of calls) {
    const results = run(call, call.inputs.map((index) => values.get(index)!), seen, kernels);
    call.outputs.forEach((index, place) => values.set(index, results[place]!));
  }
  return values.get(network.outputs[0]!)!;
}

/** Runs a network for inference; every tensor goes as soon as nothing reads it any more. The caller owns the results. */
export function forwardSparingly(calls: readonly TrainingCall[], network: FlatNetwork, input: tf.Tensor, kernels: Kernels): tf.Tensor[] {
  const readers = new Map<number, number>();
  const count = (index: number, by: number) => readers.set(index, (readers.get(index) ?? 0) + by);
  for (const { inputs } of calls) for (const index of inputs) count(index, 1);
  for (const index of network.outputs) count(index, 1);
  const values = new Map([[network.input, tf.clone(input)]]);
  for (const call of calls) {
    const { inputs, outputs } = call;
    // A layer that does nothing returns its own input: cloned, so that each has an owner.
    const results = tf.tidy(() => run(call, inputs.map((index) => values.get(index)!), undefined, kernels).map((result) => tf.clone(result)));
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
