import { composedConvolutionGradient, scaled, type Kernels, type Window } from '@cultivar/engine';
import * as tf from '@tensorflow/tfjs-core';
import { batchNormalization, batchNormalizationGradient } from './batch-normalization.js';
import { sumOverPlaces } from './channel-sums.js';
import { rectified, throughRectifier } from './rectifier.js';

const attributes = ({ strides, pad }: Window) => ({ strides, pad, dataFormat: 'NHWC', dilations: [1, 1] });
const run = (name: string, inputs: tf.NamedTensorMap, given: object): tf.Tensor => tf.engine().runKernel(name, inputs, given as Parameters<ReturnType<typeof tf.engine>['runKernel']>[2]);

/** Training through the kernels that every tfjs backend has, or is given by us. */
export const tfjsKernels: Kernels = {
  engine: 'tfjs',
  // One pass over memory.
  convolution({ x, filter, scale, window, activation }, bias) {
    const folded = scaled(filter, scale);
    return run(window.depthwise ? tf.FusedDepthwiseConv2D : tf.FusedConv2D, bias ? { x, filter: folded, bias } : { x, filter: folded }, { ...attributes(window), activation });
  },
  convolutionGradient: composedConvolutionGradient({
    filterGradient: (x, filterShape, dy, window) => run(window.depthwise ? tf.DepthwiseConv2dNativeBackpropFilter : tf.Conv2DBackpropFilter, { x, dy }, { ...attributes(window), filterShape }),
    inputGradient: (inputShape, filter, dy, window) => run(window.depthwise ? tf.DepthwiseConv2dNativeBackpropInput : tf.Conv2DBackpropInput, { dy, filter }, { ...attributes(window), inputShape }),
    sumOverPlaces,
    throughRectifier,
  }),
  rectified,
  throughRectifier,
  batchNormalization,
  batchNormalizationGradient,
};
