import * as tf from '@tensorflow/tfjs-core';
import { initializer, options, z, type Initializer } from '@cultivar/sdk';

const schema = z.object({
  value: z.number().default(0.01).describe('Of every weight'),
});

/**
 * w = value. As with zeros, all units of a layer compute the same, get the same gradient and stay alike for ever. A small
 * positive bias in front of a relu is its use: every unit is awake at first.
 */
@initializer({
  name: 'constant',
  summary: 'All of one value: for biases; the same blind symmetry as zeros in kernels',
  reference: 'CS231n notes, Neural networks 2: initializing the biases',
  options: schema,
})
export class Constant implements Initializer {
  @options() readonly options!: z.infer<typeof schema>;

  create(shape: number[]): tf.Tensor {
    return tf.fill(shape, this.options.value, 'float32');
  }
}
