import type { Tensor } from '@tensorflow/tfjs-core';
import { initializer, options, z, type Initializer, type Random } from '@cultivar/sdk';
import { draw } from './draw.js';

const schema = z.object({
  distribution: z.enum(['uniform', 'normal']).default('uniform').describe('Shape of the distribution'),
});

/**
 * Var(w) = 2 / (fanIn + fanOut): keeps the variance of activations and of gradients alike through layers of tanh.
 *
 * Source: Glorot & Bengio 2010, "Understanding the difficulty of training deep feedforward neural networks",
 * equations 12 and 16; also called Xavier.
 */
@initializer({
  name: 'glorot',
  summary: 'Variance 2 / (fanIn + fanOut), for tanh and linear layers (Xavier)',
  reference: 'Glorot & Bengio 2010, Understanding the difficulty of training deep feedforward neural networks',
  options: schema,
})
export class Glorot implements Initializer {
  @options() readonly options!: z.infer<typeof schema>;

  create(shape: number[], { fanIn, fanOut, random }: { fanIn: number; fanOut: number; random: Random }): Tensor {
    return draw(shape, this.options.distribution, Math.sqrt(2 / (fanIn + fanOut)), random);
  }
}
