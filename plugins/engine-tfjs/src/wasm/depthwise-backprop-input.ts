import * as tf from '@tensorflow/tfjs-core';
import { frame, spread } from './frame.js';

/**
 * Gradient of a depthwise convolution with regard to its input: dy, spread by the stride, convolved channel by channel
 * with the filter turned by 180 degrees; where a channel has several filters, their gradients are added.
 */
export const depthwiseBackpropInput: tf.KernelConfig = {
  kernelName: tf.DepthwiseConv2dNativeBackpropInput,
  backendName: 'wasm',
  kernelFunc: ({ inputs, attrs }) => {
    const { dy, filter } = inputs as { dy: tf.Tensor4D; filter: tf.Tensor4D };
    const { strides, dilations, pad, dimRoundingMode, inputShape } = attrs as unknown as tf.DepthwiseConv2dNativeBackpropInputAttrs;
    const window = tf.backend_util.computeConv2DInfo(inputShape, filter.shape, strides, dilations, pad, dimRoundingMode, true);
    return tf.tidy(() => {
      const { batchSize, inHeight, inWidth, inChannels, outChannels, filterHeight, filterWidth, strideHeight, strideWidth, padInfo } = window;
      const wide = spread(dy, strideHeight, strideWidth);
      const framed = frame(wide, {
        top: filterHeight - 1 - padInfo.top,
        left: filterWidth - 1 - padInfo.left,
        bottom: inHeight + padInfo.top - wide.shape[1],
        right: inWidth + padInfo.left - wide.shape[2],
      });
      const turned = tf.reshape<tf.Rank.R4>(tf.reverse(filter, [0, 1]), [filterHeight, filterWidth, outChannels, 1]);
      const gradient = tf.depthwiseConv2d(framed, turned, 1, 'valid');
      const multiplier = outChannels / inChannels;
      return multiplier === 1 ? gradient : tf.reshape(tf.sum(tf.reshape(gradient, [batchSize * inHeight * inWidth, inChannels, multiplier]), 2), inputShape);
    });
  },
};
