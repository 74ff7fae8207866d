import * as tf from '@tensorflow/tfjs-core';
import type { Optimizer } from '@cultivar/sdk';

export interface OptimizerGolden {
  steps: number;
  every: number;
  input: number[][];
  start: number[][];
  trajectories: Record<string, { name: string; options: Record<string, unknown>; rate: number; schedule: string; samples: number[][][] }>;
}

const shapes: [number, number][] = [[3, 2], [1, 3], [1, 3], [1, 1]];

/**
 * The tiny network of PyTorch's own optimizer tests (2-3-1, sigmoids, sum of outputs), trained with an optimizer of ours.
 * @param rate of a step, counted from 0
 * @returns all weights, every `every` steps
 */
export function trajectory(optimizer: Optimizer, rate: (step: number) => number, { steps, every, input, start }: OptimizerGolden): number[][][] {
  const x = tf.tensor2d(input);
  let weights = start.map((values, index) => tf.tensor2d(values, shapes[index]!));
  let slots: Record<string, tf.Tensor>[] = weights.map(() => ({}));
  const gradients = tf.grads((...[w1, b1, w2, b2]: tf.Tensor[]) => {
    const hidden = tf.sigmoid(tf.add(tf.matMul(x, w1 as tf.Tensor2D, false, true), b1!));
    return tf.sum(tf.sigmoid(tf.add(tf.matMul(hidden, w2 as tf.Tensor2D, false, true), b2!)));
  });
  const samples: number[][][] = [];
  for (let step = 0; step < steps; step += 1) {
    const before: tf.Tensor[] = [...weights, ...slots.flatMap((slot) => Object.values(slot))];
    tf.tidy(() => {
      const found = gradients(weights);
      const updates = weights.map((parameter, index) =>
        optimizer.update({ gradient: found[index]!, slots: slots[index]!, step: step + 1, learningRate: rate(step), parameter }));
      weights = updates.map(({ delta }, index) => tf.keep(tf.add(weights[index]!, delta)) as tf.Tensor2D);
      slots = updates.map((update) => update.slots);
      for (const slot of slots.flatMap((each) => Object.values(each))) tf.keep(slot);
    });
    tf.dispose(before);
    if (step % every === 0) samples.push(weights.map((weight) => [...weight.dataSync()]));
  }
  tf.dispose([x, weights, slots]);
  return samples;
}
