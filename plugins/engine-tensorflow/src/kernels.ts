import type { Kernels } from '@cultivar/engine';
import type { Tensor } from '@tensorflow/tfjs-core';
import {
  batchNormalization, batchNormalizationGradient, biasAdd, biasGradient, convolution, filterGradient, inputGradient, relu, relu6, relu6Gradient, reluGradient,
} from './operators.js';

/** Large ones go at once, not when the step is through. */
function passOn(from: Tensor, to: Tensor): Tensor {
  from.dispose();
  return to;
}

const rectified: Kernels['rectified'] = (x, kind) => (kind === 'relu' ? relu(x) : relu6(x));

/** Training through TensorFlow's own fused operators, each one pass over memory. */
export const tensorFlowKernels: Kernels = {
  engine: 'tensorflow',
  convolution(x, filter, bias, window, activation) {
    let y = convolution(x, filter, window);
    if (bias) y = passOn(y, biasAdd(y, bias));
    return activation === 'linear' ? y : passOn(y, rectified(y, activation));
  },
  filterGradient,
  inputGradient,
  sumOverPlaces: biasGradient,
  rectified,
  throughRectifier: (dy, y, kind) => (kind === 'relu' ? reluGradient(dy, y) : relu6Gradient(dy, y)),
  batchNormalization,
  batchNormalizationGradient,
};
