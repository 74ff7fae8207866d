import * as tf from '@tensorflow/tfjs-core';
import { frame, spread } from './frame.js';

/**
 * Gradient of a convolution with regard to its input: dy, spread by the stride, convolved with the filter turned by
 * 180 degrees and its channels swapped. 1x1 filters are one matrix product: dx[p] = dy[p] W^T.
 */
export const conv2dBackpropInput: tf.KernelConfig = {
  kernelName: tf.Conv2DBackpropInput,
  backendName: 'wasm',
  kernelFunc: ({ inputs, attrs }) => {
    const { dy, filter } = inputs as { dy: tf.Tensor4D; filter: tf.Tensor4D };
    const { strides, pad, dimRoundingMode, inputShape } = attrs as unknown as tf.Conv2DBackpropInputAttrs;
    const window = tf.backend_util.computeConv2DInfo(inputShape, filter.shape, strides, 1, pad, dimRoundingMode);
    return tf.tidy(() => {
      const { batchSize, inHeight, inWidth, inChannels, outChannels, outHeight, outWidth, filterHeight, filterWidth, strideHeight, strideWidth, padInfo } = window;
      if (filterHeight === 1 && filterWidth === 1) {
        const swapped = tf.transpose(tf.reshape<tf.Rank.R2>(filter, [inChannels, outChannels]));
        const product = tf.matMul(tf.reshape<tf.Rank.R2>(dy, [batchSize * outHeight * outWidth, outChannels]), swapped);
        const wide = spread(tf.reshape(product, [batchSize, outHeight, outWidth, inChannels]), strideHeight, strideWidth);
        return frame(wide, { top: -padInfo.top, left: -padInfo.left, bottom: inHeight + padInfo.top - wide.shape[1], right: inWidth + padInfo.left - wide.shape[2] });
      }
      const wide = spread(dy, strideHeight, strideWidth);
      const framed = frame(wide, {
        top: filterHeight - 1 - padInfo.top,
        left: filterWidth - 1 - padInfo.left,
        bottom: inHeight + padInfo.top - wide.shape[1],
        right: inWidth + padInfo.left - wide.shape[2],
      });
      const turned = tf.transpose(tf.reverse(filter, [0, 1]), [0, 1, 3, 2]);
      return tf.conv2d(framed, turned, 1, 'valid');
    });
  },
};
