import * as tf from '@tensorflow/tfjs-core';
import { nonNegative, z, type Optimizer, type OptimizerStep } from '@cultivar/sdk';

/** Options of every optimizer that can decay weights. */
export const decayOptions = {
  weightDecay: nonNegative.default(0).describe('Share of each weight that is taken away, times the rate, at each step'),
  decay: z.enum(['decoupled', 'coupled']).default('decoupled')
    .describe('decoupled: from the weight itself; coupled: by way of the gradient, as a penalty would'),
};

/**
 * Decoupled: w <- w + update(g) - rate * weightDecay * w.  Coupled: w <- w + update(g + weightDecay * w).
 *
 * Acts on every weight that is handed over, biases too, as in PyTorch. For gradient descent both are the same; where the gradient is
 * divided by its own size, coupled decay hardly acts on weights of large gradients.
 * Source: Loshchilov & Hutter 2019, "Decoupled weight decay regularization", algorithms 1 and 2.
 */
export function withDecay(step: OptimizerStep, { weightDecay, decay }: { weightDecay: number; decay: 'decoupled' | 'coupled' }, update: Optimizer['update']): ReturnType<Optimizer['update']> {
  if (weightDecay === 0) return update(step);
  const { gradient, parameter, learningRate } = step;
  if (decay === 'coupled') return update({ ...step, gradient: tf.add(gradient, tf.mul(parameter, weightDecay)) });
  const { delta, slots } = update(step);
  return { delta: tf.sub(delta, tf.mul(parameter, learningRate * weightDecay)), slots };
}
