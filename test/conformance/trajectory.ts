import * as tf from '@tensorflow/tfjs-core';
import type { Optimizer } from '@cultivar/sdk';

export interface OptimizerGolden {
  steps: number;
  every: number;
  input: [number, number][];
  start: number[][];
  trajectories: Record<string, { name: string; options: Record<string, unknown>; rate: number; schedule: string; samples: number[][][] }>;
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
 * @returns all weights, every `every` steps
 */
export function trajectory(optimizer: Optimizer, rate: (step: number) => number, { steps, every, input, start }: OptimizerGolden): number[][] {
  if (optimizer.elementwise === false) throw new Error('not elementwise: hand it one weight at a time');
  let parameter = tf.tensor1d(start.flat());
  let slots: Record<string, tf.Tensor> = {};
  const samples: number[][] = [];
  for (let step = 0; step < steps; step += 1) {
    const before = [parameter, ...Object.values(slots)];
    [parameter, slots] = tf.tidy(() => {
      const gradient = tf.tensor1d(gradientOf(parameter.dataSync(), input));
      const update = optimizer.update({ gradient, slots, step: step + 1, learningRate: rate(step), parameter });
      return [tf.add(parameter, update.delta) as tf.Tensor1D, update.slots];
    });
    tf.dispose(before);
    if (step % every === 0) samples.push([...parameter.dataSync()]);
  }
  tf.dispose([parameter, slots]);
  return samples;
}
