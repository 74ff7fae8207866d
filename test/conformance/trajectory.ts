import { expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { Optimizer } from '@cultivar/sdk';
import { distance, golden } from './instance.js';

export interface OptimizerGolden {
  steps: number;
  every: number;
  input: [number, number][];
  start: number[];
  /** peer: whose numbers they are; `formula`: written out in the program, as neither PyTorch nor Keras has it. */
  trajectories: Record<string, { name: string; options: Record<string, unknown>; rate: number; peer: 'torch' | 'keras' | 'formula'; schedule: string; samples: number[][] }>;
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/**
 * Gradient of the sum of outputs of the tiny network of PyTorch's own optimizer tests: 2-3-1, sigmoids.
 * @param w kernel [3, 2], bias [3], kernel [1, 3], bias [1], one behind the other
 */
function gradientOf(w: ArrayLike<number>, input: readonly [number, number][]): number[] {
  const gradient = Array.from({ length: 13 }, () => 0);
  for (const [a, b] of input) {
    const hidden = [0, 1, 2].map((unit) => sigmoid(w[2 * unit]! * a + w[2 * unit + 1]! * b + w[6 + unit]!));
    const output = sigmoid(hidden.reduce((sum, value, unit) => sum + value * w[9 + unit]!, w[12]!));
    const slope = output * (1 - output);
    gradient[12]! += slope;
    hidden.forEach((value, unit) => {
      const back = slope * w[9 + unit]! * value * (1 - value);
      gradient[9 + unit]! += slope * value;
      gradient[6 + unit]! += back;
      gradient[2 * unit]! += back * a;
      gradient[2 * unit + 1]! += back * b;
    });
  }
  return gradient;
}

/**
 * Trains the tiny network with an optimizer of ours, all weights as one flat tensor in single precision.
 * @param rate of a step, counted from 0
 * @returns all weights as they are measured, every `every` steps
 */
export function trajectory(optimizer: Optimizer, rate: (step: number) => number, { steps, every, input, start }: Pick<OptimizerGolden, 'steps' | 'every' | 'input' | 'start'>): number[][] {
  if (optimizer.elementwise === false) throw new Error('not elementwise: hand it one weight at a time');
  let parameter = tf.tensor1d(start);
  let slots: Record<string, tf.Tensor> = {};
  const samples: number[][] = [];
  for (let step = 0; step < steps; step += 1) {
    const before = [parameter, ...Object.values(slots)];
    [parameter, slots] = tf.tidy(() => {
      const gradient = tf.tensor1d(gradientOf(parameter.dataSync(), input));
      const update = optimizer.update({ gradient, slots, step: step + 1, learningRate: rate(step), parameter });
      const kept = Object.fromEntries(Object.entries(update.slots).map(([name, slot]) => [name, tf.clone(slot)]));
      return [tf.add(parameter, update.delta) as tf.Tensor1D, kept];
    });
    tf.dispose(before);
    if (step % every === 0) samples.push(tf.tidy(() => [...(optimizer.evaluated?.({ parameter, slots, step: step + 1 }) ?? parameter).dataSync()]));
  }
  tf.dispose([parameter, slots]);
  return samples;
}

const record = golden<OptimizerGolden>('optimizers');

/**
 * Holds an optimizer against its peers, from `test/golden/optimizers.json`, over 1,000 steps.
 * @param tolerance largest absolute difference of a weight; ours are in single precision, theirs in double
 */
export function followsItsPeers(name: string, make: (options: Record<string, unknown>) => Optimizer, tolerance: number): void {
  const cases = Object.entries(record.trajectories).filter(([, trial]) => trial.name === name);
  it.each(cases.map(([label, trial]) => ({ label, ...trial })))('goes where its peer goes in 1,000 steps: $label ($peer)', ({ options, rate, schedule, samples }) => {
    const rateAt = (step: number) => (schedule === 'cosine' ? (rate * (1 + Math.cos((Math.PI * step) / record.steps))) / 2 : rate);
    const before = tf.memory().numTensors;
    const found = trajectory(make(options), rateAt, record);
    expect(samples.length).toBe(11);
    expect(distance(found.flat(), samples.flat())).toBeLessThan(tolerance);
    expect(tf.memory().numTensors).toBe(before);
  });
}
