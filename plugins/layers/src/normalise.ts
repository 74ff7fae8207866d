import * as tf from '@tensorflow/tfjs-core';

/** Mean over axes, and the mean square of what is left without it (as all four norms have it, not divided by n - 1). */
export function momentsOf(x: tf.Tensor, axes: number[]): { mean: tf.Tensor; variance: tf.Tensor } {
  const mean = tf.mean(x, axes, true);
  return { mean, variance: tf.mean(tf.square(tf.sub(x, mean)), axes, true) };
}

/** (x - mean) / sqrt(variance + epsilon) * scale + offset; scale and offset [C], along the last axis. */
export function normalised(x: tf.Tensor, mean: tf.Tensor, variance: tf.Tensor, epsilon: number, scale?: tf.Tensor, offset?: tf.Tensor): tf.Tensor {
  const standard = tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, epsilon)));
  const scaled = scale ? tf.mul(standard, scale) : standard;
  return offset ? tf.add(scaled, offset) : scaled;
}
