import * as tf from '@tensorflow/tfjs-core';

/** beta * before + (1 - beta) * value, from zero. */
export function leakyMean(before: tf.Tensor | undefined, value: tf.Tensor, beta: number): tf.Tensor {
  const fresh = tf.mul(value, 1 - beta);
  return before ? tf.add(tf.mul(before, beta), fresh) : fresh;
}
