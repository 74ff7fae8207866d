import type { Tensor } from '@tensorflow/tfjs-core';
import type { Random } from '../services.js';

/** Fresh weights. */
export interface Initializer {
  /** @param fan fanIn and fanOut: inputs and outputs of one unit (for a convolution: kernel area x channels) */
  create(shape: number[], fan: { fanIn: number; fanOut: number; random: Random }): Tensor;
}
export const Initializer = Symbol.for('cultivar:Initializer');
