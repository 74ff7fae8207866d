import * as tf from '@tensorflow/tfjs-core';
import { frame, pixelsSeen } from './frame.js';

/**
 * Gradient of a convolution with regard to its filter. For each place (i, j) of the window
 * dW[i, j] = sum over outputs p of x[p * stride + (i, j)]^T dy[p]: one matrix product, [in, P] x [P, out].
 */
export const conv2dBackpropFilter: tf.KernelConfig = {
  kernelName: tf.Conv2DBackpropFilter,
  backendName: 'wasm',
  kernelFunc: ({ inputs, attrs }) => {
    const { x, dy } = inputs as { x: tf.Tensor4D; dy: tf.Tensor4D };
    const { strides, pad, dimRoundingMode, filterShape } = attrs as unknown as tf.Conv2DBackpropFilterAttrs;
    const window = tf.backend_util.computeConv2DInfo(x.shape, filterShape, strides, 1, pad, dimRoundingMode);
    return tf.tidy(() => {
      const { filterHeight, filterWidth, inChannels, outChannels, padInfo } = window;
      const padded = frame(x, padInfo);
      const places = window.batchSize * window.outHeight * window.outWidth;
      // Transposed once, instead of every patch: dW[i, j]^T = dy^T x.
      const dyTransposed = tf.transpose(tf.reshape(dy, [places, outChannels]));
      const gradients: tf.Tensor2D[] = [];
      for (let row = 0; row < filterHeight; row++) {
        for (let column = 0; column < filterWidth; column++) {
          gradients.push(tf.tidy(() => {
            const patch = tf.reshape<tf.Rank.R2>(pixelsSeen(padded, row, column, window), [places, inChannels]);
            return tf.transpose(tf.matMul(dyTransposed as tf.Tensor2D, patch));
          }));
        }
      }
      return tf.reshape(gradients.length === 1 ? gradients[0]! : tf.stack(gradients), filterShape);
    });
  },
};
