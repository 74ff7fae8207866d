import * as tf from '@tensorflow/tfjs-core';

/**
 * Global average pooling, [B,H,W,C] -> [B,C]: y = 1/(H W) sum_hw x. The gradient is dy / (H W) at each place; that of `tf.mean` makes ones of the
 * size of x first, which took a fiftieth of a step. Forward it is the pooling over one window: the WebAssembly backend turns the
 * tensor round for `tf.mean`, 2.4 ms against 0.2 for [16,7,7,1280]. (Lin et al. 2014, Network in network)
 */
export const meanOverPlaces = (features: tf.Tensor4D): tf.Tensor2D => tf.customGrad((...inputs) => {
  const [batch, height, width, channels] = (inputs[0] as tf.Tensor4D).shape;
  return {
    value: tf.reshape(tf.avgPool(inputs[0] as tf.Tensor4D, [height, width], 1, 'valid'), [batch, channels]),
    gradFunc: (dy: tf.Tensor) => tf.mul(tf.reshape(dy, [batch, 1, 1, channels]), tf.fill([1, height, width, 1], 1 / (height * width))),
  };
})(features) as tf.Tensor2D;
