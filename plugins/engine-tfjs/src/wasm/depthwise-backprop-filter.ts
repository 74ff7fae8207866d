import * as tf from '@tensorflow/tfjs-core';
import { sumOverPlaces } from '../layers/channel-sums.js';
import { frame, pixelsSeen } from './frame.js';

/**
 * Gradient of a depthwise convolution with regard to its filter. For each place (i, j) of the window
 * dW[i, j, c, m] = sum over outputs p of x[p * stride + (i, j), c] dy[p, c, m].
 */
export const depthwiseBackpropFilter: tf.KernelConfig = {
  kernelName: tf.DepthwiseConv2dNativeBackpropFilter,
  backendName: 'wasm',
  kernelFunc: ({ inputs, attrs }) => {
    const { x, dy } = inputs as { x: tf.Tensor4D; dy: tf.Tensor4D };
    const { strides, dilations, pad, dimRoundingMode, filterShape } = attrs as unknown as tf.DepthwiseConv2dNativeBackpropFilterAttrs;
    const window = tf.backend_util.computeConv2DInfo(x.shape, filterShape, strides, dilations, pad, dimRoundingMode, true);
    return tf.tidy(() => {
      const { batchSize, inHeight, inWidth, inChannels, outChannels, filterHeight, filterWidth, padInfo } = window;
      const multiplier = outChannels / inChannels;
      // Each channel repeated for each of its filters, so that it meets dy element by element.
      const repeated = multiplier === 1 ? x : tf.reshape<tf.Rank.R4>(tf.tile(tf.reshape(x, [batchSize * inHeight * inWidth * inChannels, 1]), [1, multiplier]), [batchSize, inHeight, inWidth, outChannels]);
      const padded = frame(repeated, padInfo);
      const gradients: tf.Tensor1D[] = [];
      for (let row = 0; row < filterHeight; row++) {
        for (let column = 0; column < filterWidth; column++) {
          gradients.push(tf.tidy(() => sumOverPlaces(tf.mul(pixelsSeen(padded, row, column, window), dy))));
        }
      }
      return tf.reshape(tf.stack(gradients), filterShape);
    });
  },
};
