/** For tests: a network with random weights, run by ONNX Runtime and by tfjs. */
import type { InferenceOptions, TensorData } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import * as layersApi from '@tensorflow/tfjs-layers';
import { OnnxEngine } from '../onnx-engine.js';

// Without it the cpu backend prints an advertisement.
tf.enableProdMode();

// Inside a test the globals are many times as slow as a constant, and this is called by the million.
const { imul } = Math;

/** Uniform numbers in [0, 1) from a seed (mulberry32). */
export function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = imul(t ^ (t >>> 15), t | 1);
    t ^= t + imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Weights of a size that keeps activations near 1; scales and variances away from 0. */
export function randomWeights(model: layersApi.LayersModel, seed = 1): void {
  const next = numbers(seed);
  for (const weight of model.weights) {
    const { shape } = weight.read();
    const fan = Math.max(shape.slice(0, -1).reduce<number>((product, size) => product * (size ?? 1), 1), 1);
    const positive = /variance|gamma/.test(weight.originalName);
    const data = Float32Array.from({ length: weight.read().size }, () => (positive ? 0.5 + next() : (next() - 0.5) * 2 * Math.sqrt(shape.length > 1 ? 3 / fan : 1)));
    const tensor = tf.tensor(data, shape as number[]);
    weight.write(tensor);
    tensor.dispose();
  }
}

export interface Check extends InferenceOptions {
  batch?: number;
  /** Sizes to put where the model's input leaves them open. */
  open?: number;
  seed?: number;
}

/** Largest absolute difference between what ONNX Runtime and tfjs give for one random batch of floats. */
export async function largestDifference(model: layersApi.LayersModel, { batch = 2, open = 7, seed = 1, ...options }: Check = {}): Promise<number> {
  randomWeights(model, seed);
  const next = numbers(seed + 1);
  const shape = [batch, ...model.inputs[0]!.shape.slice(1).map((size) => size ?? open)];
  const data = Float32Array.from({ length: shape.reduce((product, size) => product * size, 1) }, () => next() * 2 - 1);
  const program = await new OnnxEngine().inference(model, options);
  const results = await program.run({ data, shape });
  await program.dispose();
  const expected = tf.tidy(() => {
    const output = model.predict(tf.tensor(data, shape)) as tf.Tensor | tf.Tensor[];
    return (Array.isArray(output) ? output : [output]).map((tensor) => ({ data: tensor.dataSync<'float32'>().slice(), shape: tensor.shape }));
  });
  return Math.max(...expected.map((tensor, index) => difference(tensor, results[index]!)));
}

/** Largest absolute difference; infinite where the shapes differ. */
export function difference(a: TensorData, b: TensorData): number {
  if (a.shape.join() !== b.shape.join()) return Number.POSITIVE_INFINITY;
  return a.data.reduce((worst, value, index) => Math.max(worst, Number.isNaN(value - b.data[index]!) ? Number.POSITIVE_INFINITY : Math.abs(value - b.data[index]!)), 0);
}

/** A model of layers one behind the other. */
export function chain(inputShape: (number | null)[], ...chained: layersApi.layers.Layer[]): layersApi.LayersModel {
  const input = layersApi.input({ shape: inputShape });
  let output: layersApi.SymbolicTensor = input;
  for (const layer of chained) output = layer.apply(output) as layersApi.SymbolicTensor;
  return layersApi.model({ inputs: input, outputs: output });
}

export const { layers } = layersApi;
