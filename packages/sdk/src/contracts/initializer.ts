import type { Tensor } from '@tensorflow/tfjs-core';
import type { Random } from '../services.js';

/** Fresh weights. */
export interface Initializer {
  /** @param fan fanIn and fanOut: inputs and outputs of one unit (for a convolution: kernel area x channels), see {@link fansOf} */
  create(shape: number[], fan: { fanIn: number; fanOut: number; random: Random }): Tensor;
}
export const Initializer = Symbol.for('cultivar:Initializer');

/**
 * How many inputs one unit has, and how many units one input reaches.
 * Dense [in, out]: in, out. Convolution [..., in, out]: area x in, area x out. Depthwise [..., in, multiplier]: a unit sees
 * one channel alone, so area, area x multiplier. (PyTorch counts all channels in the last case as outputs, Keras as inputs.)
 * A vector [n]: n, n.
 */
export function fansOf(shape: readonly number[], layer: 'depthwise' | 'other' = 'other'): { fanIn: number; fanOut: number } {
  const [inputs = 1, outputs = inputs] = shape.slice(-2);
  const area = shape.slice(0, -2).reduce((product, side) => product * side, 1);
  return layer === 'depthwise' ? { fanIn: area, fanOut: area * outputs } : { fanIn: area * inputs, fanOut: area * outputs };
}
