import type { Pads } from '../operator.js';
import type { Tape } from '../tape.js';
import type { Traced } from '../traced.js';

type Pair = [number, number];

/** A convolution: a dense one, or a depthwise one (a group for each input channel). Pairs are [height, width]. */
export interface ConvolutionShape {
  depthwise: boolean;
  inputs: number;
  outputs: number;
  size: Pair;
  strides: Pair;
  dilations: Pair;
  pads: Pads;
  inputSize: Pair;
  outputSize: Pair;
}

/**
 * One way to compute a convolution y = W * x + b or one of its gradients, faster than others for some shapes. Kernels are
 * [outputs, inputs of a group, height, width], biases [outputs]. Images come and go in any layout: a form takes the one
 * it likes by `tape.lay`, and hands out the one it makes.
 */
export interface ConvolutionForm {
  forward?(x: Traced, kernel: string, bias: string | undefined, shape: ConvolutionShape, tape: Tape): Traced;
  /** dx, from dy. */
  inputGradient?(dy: Traced, kernel: string, shape: ConvolutionShape, tape: Tape): Traced;
  /** dW, from x and dy. */
  kernelGradient?(x: Traced, dy: Traced, shape: ConvolutionShape, tape: Tape): string;
  /** Whether it can compute that shape. */
  fits(shape: ConvolutionShape, part: 'forward' | 'inputGradient' | 'kernelGradient'): boolean;
}

/** The tfjs shape of what goes in and comes out. */
export const inputShape = ({ inputSize, inputs }: ConvolutionShape): (number | null)[] => [null, ...inputSize, inputs];
export const outputShape = ({ outputSize, outputs }: ConvolutionShape): (number | null)[] => [null, ...outputSize, outputs];

/** From the first to the last pixel of a window. */
export const extent = ({ size, dilations }: ConvolutionShape): Pair => [(size[0] - 1) * dilations[0] + 1, (size[1] - 1) * dilations[1] + 1];
