import * as tf from '@tensorflow/tfjs-core';
import type { Random } from '@cultivar/sdk';

/** Takes each image from `changed` with the given probability, else from `images`; pixels are copied exactly. */
export function mixed(images: tf.Tensor4D, changed: tf.Tensor4D, probability: number, random: Random): tf.Tensor4D {
  const count = images.shape[0];
  const chosen = tf.tensor4d(Array.from({ length: count }, () => (random.uniform() < probability ? 1 : 0)), [count, 1, 1, 1]);
  return tf.add(tf.mul(images, tf.sub(1, chosen)), tf.mul(changed, chosen));
}
