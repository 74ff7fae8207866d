import * as tf from '@tensorflow/tfjs-core';
import { initializer, type Initializer } from '@cultivar/sdk';

/**
 * w = 0. Right for biases and for a head whose loss is convex; in a hidden layer all units stay alike for ever.
 */
@initializer({
  name: 'zeros',
  summary: 'All zero: right for biases and linear heads, blind symmetry in hidden layers',
  reference: 'CS231n notes, Neural networks 2: weight initialization',
})
export class Zeros implements Initializer {
  create(shape: number[]): tf.Tensor {
    return tf.zeros(shape);
  }
}
