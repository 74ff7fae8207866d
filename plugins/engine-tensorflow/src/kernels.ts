import { composedConvolutionGradient, scaled, type Kernels } from '@cultivar/engine';
import type { Tensor } from '@tensorflow/tfjs-core';
import {
  batchNormalization, batchNormalizationGradient, biasAdd, biasGradient, convolution, filterGradient, inputGradient, relu, relu6, relu6Gradient, reluGradient,
} from './operators.js';
import {
  hasOwnOperators, isOwnConvolution, ownChain, rectifiedBias, rectifiedConvolution, rectifiedConvolutionGradient, rectifiedNormalization, rectifiedNormalizationGradient, rectifierGradient,
} from './own-operators.js';

/** Large ones go at once, not when the step is through. */
function passOn(from: Tensor, to: Tensor): Tensor {
  from.dispose();
  return to;
}

const rectified: Kernels['rectified'] = (x, kind) => (kind === 'relu' ? relu(x) : relu6(x));

const throughRectifier: Kernels['throughRectifier'] = (dy, y, kind) => {
  if (hasOwnOperators()) return rectifierGradient(dy, y, kind);
  return kind === 'relu' ? reluGradient(dy, y) : relu6Gradient(dy, y);
};

const composed = composedConvolutionGradient({ filterGradient, inputGradient, sumOverPlaces: biasGradient, throughRectifier });

/** Training through TensorFlow's own fused operators, and ours where they are there: few passes over memory. */
export const tensorFlowKernels: Kernels = {
  engine: 'tensorflow',
  convolution(of, bias) {
    const own = hasOwnOperators();
    const { x, filter, scale, window, activation } = of;
    if (own && isOwnConvolution(filter.shape, window, false)) return rectifiedConvolution(of, bias);
    let y = convolution(x, scaled(filter, scale), window);
    if (own && bias) return passOn(y, rectifiedBias(y, bias, activation));
    if (bias) y = passOn(y, biasAdd(y, bias));
    return activation === 'linear' ? y : passOn(y, rectified(y, activation));
  },
  convolutionGradient: (step) => (hasOwnOperators() && isOwnConvolution(step.filter.shape, step.window, step.inputTrains) ? rectifiedConvolutionGradient(step) : composed(step)),
  rectified,
  throughRectifier,
  batchNormalization(x, gamma, beta, epsilon, activation) {
    if (hasOwnOperators()) return rectifiedNormalization(x, gamma, beta, epsilon, activation);
    const { y, saved, ...statistics } = batchNormalization(x, gamma, beta, epsilon);
    if (activation === 'linear') return { ...statistics, y, saved };
    const z = passOn(y, rectified(y, activation));
    return { ...statistics, y: z, saved: [z, ...saved] };
  },
  batchNormalizationGradient(dy, gamma, saved, epsilon, activation) {
    if (hasOwnOperators()) return rectifiedNormalizationGradient(dy, saved, activation);
    if (activation === 'linear') return batchNormalizationGradient(dy, gamma, saved, epsilon);
    const [z, ...rest] = saved as [Tensor, ...Tensor[]];
    return batchNormalizationGradient(throughRectifier(dy, z, activation), gamma, rest, epsilon);
  },
  chain: () => (hasOwnOperators() ? ownChain : undefined),
};
