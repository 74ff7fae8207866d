import type { Tensor } from '@tensorflow/tfjs-core';
import type { Kernels, Window } from '../kernels.js';

export interface ConvolutionGradientParts extends Pick<Kernels, 'throughRectifier'> {
  /** Of the convolution alone, with regard to a filter of that shape. */
  filterGradient(x: Tensor, shape: number[], dy: Tensor, window: Window): Tensor;
  /** Of the convolution alone, with regard to an input of that shape. */
  inputGradient(shape: number[], filter: Tensor, dy: Tensor, window: Window): Tensor;
  /** Sums over all axes but the last: [..., C] -> [C]. */
  sumOverPlaces(x: Tensor): Tensor;
}

/** The gradient of convolution, bias and rectifier, where an engine has a kernel for each: with g = dy f'(y), the bias gets the sum of g, the convolution g. */
export const composedConvolutionGradient = (parts: ConvolutionGradientParts): Kernels['convolutionGradient'] => ({ dy, y, x, filter, window, activation, inputTrains, biasTrains }) => {
  const g = activation === 'linear' ? dy : parts.throughRectifier(dy, y!, activation);
  return {
    dx: inputTrains ? parts.inputGradient(x.shape, filter, g, window) : undefined,
    dFilter: parts.filterGradient(x, filter.shape, g, window),
    dBias: biasTrains ? parts.sumOverPlaces(g) : undefined,
  };
};
