/**
 * The runtime's blocked order (NCHWc): [B, C / c, H, W, c], c channels side by side, as many as a vector of the machine holds.
 * Its operators stand in the domain com.microsoft.nchwc, which the runtime's own optimizer uses for kernels that are
 * constants. Kernels lie [outputs / c, inputs / c, height, width, c inputs, c outputs], those of depthwise convolutions
 * [channels / c, height, width, c]; an image's shape is still written [B, C, H, W], C in whole groups. What is missing
 * to whole groups is zeros in kernels and biases.
 */
import { float, floats, int, ints, text, type Attribute } from '../../onnx/graph.js';
import type { Tape } from '../tape.js';
import { padList, type ConvolutionShape } from './form.js';

/** Reordering wants channels in fours; small ones would mostly be padding. */
export const takesBlocks = (channels: number, block: number): boolean => block > 0 && channels % 4 === 0 && 2 * channels >= block;

/** Of a Conv. */
export function rectifying(ceiling: number | undefined): Record<string, Attribute> {
  if (ceiling === undefined) return {};
  return ceiling === Number.POSITIVE_INFINITY ? { activation: text('Relu') } : { activation: text('Clip'), activation_params: floats([0, ceiling]) };
}

export const windowOf = (shape: ConvolutionShape, groups: number): Record<string, Attribute> => ({
  kernel_shape: ints(shape.size), strides: ints(shape.strides), dilations: ints(shape.dilations), pads: ints(padList(shape)), group: int(groups),
});

/** [rows, channels] -> [channels / c, rows, c]. @returns under the shape asked for */
export function groupColumns(matrix: string, [rows, channels]: [number, number], shape: readonly number[], tape: Tape): string {
  const grouped = tape.addBlocked('ReorderInput', [tape.reshape(matrix, [1, rows, 1, channels])], { channels_last: int(1) });
  return tape.reshape(grouped, shape);
}

/** [channels, columns] -> [channels / c, columns, c]. @returns under the shape asked for */
export function groupRows(matrix: string, [channels, columns]: [number, number], shape: readonly number[], tape: Tape): string {
  const grouped = tape.addBlocked('ReorderInput', [tape.reshape(matrix, [1, channels, columns, 1])], { channels_last: int(0) });
  return tape.reshape(grouped, shape);
}

/** Zeros behind one axis. */
export function lengthened(name: string, rank: number, axis: number, missing: number, tape: Tape): string {
  if (missing === 0) return name;
  return tape.add('Pad', [name, tape.integers([...Array.from({ length: rank }, () => 0), ...Array.from({ length: rank }, (_, index) => (index === axis ? missing : 0))])]);
}

/** The same number for every channel, as the kernel of a 1x1 depthwise convolution. */
export const everyChannel = (value: number, channels: number, tape: Tape): string =>
  tape.once(`every ${value} ${channels}`, () => tape.constant(new Float32Array(channels).fill(value), [channels, 1, 1, 1], 'every'));

/** f(x s + t), channel by channel, in one pass: a depthwise convolution of 1x1. @param scale [C, 1, 1, 1] @param shift [C], or none by the empty name @param addend added to x s + t */
export function perChannel(x: string, scale: string, shift: string, channels: number, attributes: Record<string, Attribute>, tape: Tape, addend?: string): string {
  return tape.addBlocked('Conv', [x, scale, shift, ...(addend === undefined ? [] : [addend])], { kernel_shape: ints([1, 1]), group: int(channels), ...attributes });
}

export const absolute: Record<string, Attribute> = { activation: text('LeakyRelu'), activation_params: floats([-1]) };
export const steep = (slope: number, offset: number): Record<string, Attribute> => ({ alpha: float(slope), beta: float(offset) });
