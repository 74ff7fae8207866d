import { mul, type Tensor } from '@tensorflow/tfjs-core';
import type { Kernels, Window } from '../kernels.js';

export interface ConvolutionGradientParts extends Pick<Kernels, 'throughRectifier'> {
  /** Of the convolution alone, with regard to a filter of that shape. */
  filterGradient(x: Tensor, shape: number[], dy: Tensor, window: Window): Tensor;
  /** Of the convolution alone, with regard to an input of that shape. */
  inputGradient(shape: number[], filter: Tensor, dy: Tensor, window: Window): Tensor;
  /** Sums over all axes but the last: [..., C] -> [C]. */
  sumOverPlaces(x: Tensor): Tensor;
}

/** A filter, or its gradient, times the scale of each output channel. */
export const scaled = (filter: Tensor, scale: Tensor | undefined): Tensor => (scale ? mul(filter, scale) : filter);

/** The gradient of convolution, bias and rectifier, where an engine has a kernel for each: with g = dy f'(y), the bias gets the sum of g, the convolution g. */
export const composedConvolutionGradient = (parts: ConvolutionGradientParts): Kernels['convolutionGradient'] => ({ dy, y, x, before, filter, scale, window, activation, inputTrains, biasTrains }) => {
  const g = activation === 'linear' ? dy : parts.throughRectifier(dy, y!, activation);
  const input = () => parts.inputGradient(x.shape, scaled(filter, scale), g, window);
  return {
    dx: !inputTrains ? undefined : before === 'linear' ? input() : parts.throughRectifier(input(), x, before),
    dFilter: scaled(parts.filterGradient(x, filter.shape, g, window), scale),
    dBias: biasTrains ? parts.sumOverPlaces(g) : undefined,
  };
};
