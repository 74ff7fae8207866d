import * as tf from '@tensorflow/tfjs-core';
import type { Random } from '@cultivar/sdk';

/**
 * Weights of mean 0 and the given standard deviation.
 *
 * Uniform: the limits are +-sqrt(3) * deviation. Normal: not truncated, as in PyTorch (Keras cuts at two deviations).
 * Drawn from the run's own generator: tfjs's seeded operators take a seed of 0 for no seed at all.
 */
export function draw(shape: number[], distribution: 'uniform' | 'normal', deviation: number, random: Random): tf.Tensor {
  const limit = Math.sqrt(3) * deviation;
  const one = distribution === 'uniform' ? () => (2 * random.uniform() - 1) * limit : () => random.normal() * deviation;
  return tf.tensor(Float32Array.from({ length: tf.util.sizeFromShape(shape) }, one), shape, 'float32');
}
