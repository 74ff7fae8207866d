/**
 * A training step in double precision, with every rectifier away from its bends: what engines are compared with.
 *
 * A value that lies within rounding of a bend (0, or 6) falls to one side on one processor and to the other on the next; its gradient is let through or not, and all
 * gradients before it move by 1e-3. That says nothing about an engine. So offsets (batch-norm's beta, a convolution's bias) are moved a little, channel by
 * channel, into the middle of the widest gap between the values near a bend: then rounding cannot turn a mask, and what two engines differ by is rounding or an error.
 */
import type { LayersModel } from '@tensorflow/tfjs-layers';
import * as tf from '@tensorflow/tfjs-core';
import { applyExactly, ceilingOf, type Applied, type Exact, type Layer, type Mode } from './exact-layers.js';

/** What runs through a network and back, by the names of its layers. */
export interface ExactRun {
  values: ReadonlyMap<string, Exact>;
  /** The smallest distance of a value from a bend, against the root mean square of its layer. */
  margin: number;
  /**
   * @param slopes the gradient of the network's output
   * @param disturb may change the gradients that a layer hands on: what an error in it would do
   */
  backward(slopes: Float64Array, disturb?: (layer: Layer, gradients: Float64Array[]) => void): ExactGradients;
}

export interface ExactGradients {
  /** Of all weights, by their names. */
  weights: Record<string, Float64Array>;
  /** Of what each layer gave, by its name. */
  slopes: ReadonlyMap<string, Float64Array>;
}

/** What comes behind the network: a product with the averaged features, and cross-entropy. */
export interface ExactLoss {
  loss: number;
  /** [features, classes]. */
  head: Float64Array;
  features: Float64Array;
}

const ownName = (weight: string): string => weight.slice(weight.lastIndexOf('/') + 1);
const inputsOf = (layer: Layer): string[] => layer.inboundNodes[0]!.inputTensors.map(({ sourceLayer }) => sourceLayer.name);
const weightsOf = (layer: Layer): Record<string, Float64Array> => Object.fromEntries(layer.weights.map((weight) => [ownName(weight.originalName), Float64Array.from(weight.read().dataSync())]));

/** The shift, at most `reach`, that leaves all values farthest from the bends, and how far: [shift, distance]. */
function shiftAway(values: Float64Array, bends: readonly number[], reach: number): [number, number] {
  const forbidden: number[] = [];
  for (let index = 0; index < values.length; index += 1) {
    for (const bend of bends) {
      const shift = bend - values[index]!;
      if (shift < 2 * reach && shift > -2 * reach) forbidden.push(shift);
    }
  }
  const ends = [...forbidden.filter((shift) => Math.abs(shift) < reach), -reach, reach].sort((a, b) => a - b);
  let widest = 0;
  for (let index = 1; index < ends.length - 1; index += 1) if (ends[index + 1]! - ends[index]! > ends[widest + 1]! - ends[widest]!) widest = index;
  const shift = (ends[widest]! + ends[widest + 1]!) / 2;
  return [shift, forbidden.reduce((nearest, one) => Math.min(nearest, Math.abs(one - shift)), reach)];
}

const bendsOf = (ceiling: number): number[] => (ceiling === Number.POSITIVE_INFINITY ? [0] : [0, ceiling]);

function rootMeanSquare(values: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < values.length; index += 1) sum += values[index]! ** 2;
  return Math.sqrt(sum / values.length);
}

/**
 * Moves the offsets of a layer, in the model and in what it gave, so that the rectifier behind it is away from its bends.
 * @returns the smallest distance from a bend, against the root mean square of what the layer gave
 */
function moveOffsets(layer: Layer, { data }: Exact, ceiling: number): number {
  const weight = layer.weights.find(({ originalName }) => ['beta', 'bias'].includes(ownName(originalName)));
  if (!weight) throw new Error(`${layer.name} stands before a rectifier and has no offset`);
  const before = weight.read().dataSync<'float32'>();
  const channels = before.length;
  const scale = rootMeanSquare(data);
  let nearest = Number.POSITIVE_INFINITY;
  const after = before.map((offset, channel) => {
    const values = new Float64Array(data.length / channels);
    for (let place = 0; place < values.length; place += 1) values[place] = data[place * channels + channel]!;
    const [shift, distance] = shiftAway(values, bendsOf(ceiling), scale / 10);
    nearest = Math.min(nearest, distance / scale);
    return offset + shift;
  });
  const moved = tf.tensor(after, weight.shape as number[]);
  weight.write(moved);
  moved.dispose();
  for (let index = 0; index < data.length; index += 1) data[index]! += after[index % channels]! - before[index % channels]!;
  return nearest;
}

/** The head's product with the averaged features, and the mean cross-entropy. @param head [features, classes] @param targets [B, classes] */
export function exactLoss(features: Exact, head: Float32Array, targets: readonly (readonly number[])[]): ExactLoss {
  const depth = features.shape.at(-1)!;
  const [batch, classes] = [targets.length, targets[0]!.length];
  const places = features.data.length / depth / batch;
  const result = { loss: 0, head: new Float64Array(head.length), features: new Float64Array(features.data.length) };
  targets.forEach((target, image) => {
    const pooled = new Float64Array(depth);
    const start = image * places * depth;
    for (let index = 0; index < places * depth; index += 1) pooled[index % depth]! += features.data[start + index]! / places;
    const logits = target.map((_, k) => pooled.reduce((sum, value, c) => sum + value * head[c * classes + k]!, 0));
    const most = Math.max(...logits);
    const normaliser = most + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - most), 0));
    target.forEach((share, k) => (result.loss -= (share * (logits[k]! - normaliser)) / batch));
    const slopes = target.map((share, k) => (Math.exp(logits[k]! - normaliser) - share) / batch);
    pooled.forEach((value, c) => slopes.forEach((slope, k) => (result.head[c * classes + k]! += value * slope)));
    const back = pooled.map((_, c) => slopes.reduce((sum, slope, k) => sum + (slope * head[c * classes + k]!) / places, 0));
    for (let index = 0; index < places * depth; index += 1) result.features[start + index] = back[index % depth]!;
  });
  return result;
}

function plus(a: Float64Array, b: Float64Array): Float64Array {
  const sum = new Float64Array(a.length);
  for (let index = 0; index < sum.length; index += 1) sum[index] = a[index]! + b[index]!;
  return sum;
}

/** Runs a network without nested models, and moves its rectifiers' offsets in the model as it goes. */
export function exactRun(model: LayersModel, input: Exact, mode: Mode): ExactRun {
  const order = model.layers.filter((layer) => layer.getClassName() !== 'InputLayer');
  const values = new Map([[model.inputs[0]!.sourceLayer.name, input]]);
  const applied = new Map<string, Applied>();
  const rectifierBehind = (name: string) => order.filter((layer) => inputsOf(layer).includes(name)).map(ceilingOf).find((ceiling) => ceiling !== undefined);
  let margin = Number.POSITIVE_INFINITY;
  for (const layer of order) {
    const one = applyExactly(layer, inputsOf(layer).map((name) => values.get(name)!), weightsOf(layer), mode);
    const ceiling = rectifierBehind(layer.name);
    if (ceiling !== undefined) margin = Math.min(margin, moveOffsets(layer, one.output, ceiling));
    values.set(layer.name, one.output);
    applied.set(layer.name, one);
  }
  const backward: ExactRun['backward'] = (slopesOfOutput, disturb) => {
    const weights: Record<string, Float64Array> = {};
    const slopes = new Map([[model.outputs[0]!.sourceLayer.name, slopesOfOutput]]);
    for (const layer of order.toReversed()) {
      const found = applied.get(layer.name)!.backward(slopes.get(layer.name)!);
      disturb?.(layer, found.inputs);
      for (const { originalName } of layer.weights) if (found.weights[ownName(originalName)]) weights[originalName] = found.weights[ownName(originalName)]!;
      inputsOf(layer).forEach((name, place) => {
        const other = slopes.get(name);
        slopes.set(name, other ? plus(other, found.inputs[place]!) : found.inputs[place]!);
      });
    }
    return { weights, slopes };
  };
  return { values, margin, backward };
}
