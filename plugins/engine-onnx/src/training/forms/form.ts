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

export type ConvolutionPart = 'forward' | 'inputGradient' | 'kernelGradient';

/**
 * One way to compute a convolution y = W * x + b or one of its gradients, faster than others for some shapes. Kernels and
 * their gradients lie as in tfjs: [height, width, inputs, outputs], or [height, width, inputs, multiplier] of a depthwise
 * one; biases are [outputs]. Images come and go in any layout: a form takes the one it likes by `tape.lay`, and hands out
 * the one it makes.
 */
export interface ConvolutionForm {
  /** Whether `forward` rectifies as well, at no cost: y = min(max(W * x + b, 0), ceiling). */
  rectifies?: boolean;
  /** @param ceiling Infinity for max(W * x + b, 0); undefined where nothing is rectified. Given only where the form rectifies */
  forward?(x: Traced, kernel: string, bias: string | undefined, shape: ConvolutionShape, tape: Tape, ceiling?: number): Traced;
  /** dx, from dy. @param addend put on top of it, where the form does that at no cost (`adds`) */
  inputGradient?(dy: Traced, kernel: string, shape: ConvolutionShape, tape: Tape, addend?: Traced): Traced;
  /** Whether `inputGradient` takes an addend. */
  adds?: boolean;
  /** dW, from x and dy. */
  kernelGradient?(x: Traced, dy: Traced, shape: ConvolutionShape, tape: Tape): string;
  /** Whether it can compute that shape. @param block channels in a group of the blocked order; 0: there is none */
  fits(shape: ConvolutionShape, part: ConvolutionPart, block: number): boolean;
}

/** The tfjs shape of what goes in and comes out. */
export const inputShape = ({ inputSize, inputs }: ConvolutionShape): (number | null)[] => [null, ...inputSize, inputs];
export const outputShape = ({ outputSize, outputs }: ConvolutionShape): (number | null)[] => [null, ...outputSize, outputs];

/** From the first to the last pixel of a window. */
export const extent = ({ size, dilations }: Pick<ConvolutionShape, 'size' | 'dilations'>): Pair => [(size[0] - 1) * dilations[0] + 1, (size[1] - 1) * dilations[1] + 1];

export const padList = ({ pads }: Pick<ConvolutionShape, 'pads'>): number[] => [pads.top, pads.left, pads.bottom, pads.right];

/** A window of one pixel that moves by one, without padding. */
export const isPointwise = ({ depthwise, size, strides, pads }: ConvolutionShape): boolean =>
  !depthwise && [...size, ...strides].every((one) => one === 1) && Object.values(pads).every((pixels) => pixels === 0);

/** A kernel as ONNX's Conv wants it: [outputs, inputs of a group, height, width]. */
export function inOnnxOrder(kernel: string, { depthwise, inputs, outputs, size }: ConvolutionShape, tape: Tape): string {
  return tape.reshape(tape.transpose(kernel, depthwise ? [2, 3, 0, 1] : [3, 2, 0, 1]), [outputs, depthwise ? 1 : inputs, ...size]);
}

/** And back. */
export function fromOnnxOrder(kernel: string, { depthwise, inputs, outputs, size }: ConvolutionShape, tape: Tape): string {
  return depthwise ? tape.transpose(tape.reshape(kernel, [inputs, outputs / inputs, ...size]), [2, 3, 0, 1]) : tape.transpose(kernel, [2, 3, 1, 0]);
}

/** The kernel turned round: its last pixel first. Of axes 0 and 1, as in tfjs's order. */
export function turnedRound(kernel: string, tape: Tape): string {
  const ends = tape.integers([-(2 ** 31), -(2 ** 31)]);
  return tape.add('Slice', [kernel, tape.integers([-1, -1]), ends, tape.integers([0, 1]), tape.integers([-1, -1])]);
}
