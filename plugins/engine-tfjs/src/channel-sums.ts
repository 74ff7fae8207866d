import * as tf from '@tensorflow/tfjs-core';

/**
 * Sums over all axes but the last: [..., C] -> [C]. Images are averaged over their pixels by the pooling kernel first,
 * which reads them in order; a plain sum over leading axes transposes its whole input on the wasm backend.
 */
export function sumOverPlaces(x: tf.Tensor): tf.Tensor1D {
  return tf.tidy(() => {
    const channels = x.shape.at(-1)!;
    if (x.rank !== 4 || tf.getBackend() !== 'wasm' || x.size === x.shape[0]! * channels) return tf.sum(tf.reshape(x, [x.size / channels, channels]), 0);
    const [batch, height, width] = x.shape as [number, number, number, number];
    const means = tf.avgPool(x as tf.Tensor4D, [height, width], 1, 'valid');
    return tf.mul(tf.sum(tf.reshape<tf.Rank.R2>(means, [batch, channels]), 0), height * width);
  });
}
