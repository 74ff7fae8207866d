import type { Tensor } from '@tensorflow/tfjs-core';
import { initializer, options, z, type Initializer, type Random } from '@cultivar/sdk';
import { draw } from './draw.js';

const schema = z.object({
  distribution: z.enum(['normal', 'uniform']).default('normal').describe('Shape of the distribution'),
});

/**
 * Var(w) = 1 / fanIn, a deviation of 1 / sqrt(n): the sum of n inputs of variance 1 has variance 1.
 *
 * Source: LeCun et al. 1998, "Efficient backprop", section 4.6; the lectures' randn(n) / sqrt(n).
 */
@initializer({
  name: 'lecun',
  summary: 'Variance 1 / fanIn: deviation 1 / sqrt(n), for linear and selu layers',
  reference: 'LeCun et al. 1998, Efficient backprop, section 4.6',
  options: schema,
})
export class LeCun implements Initializer {
  @options() readonly options!: z.infer<typeof schema>;

  create(shape: number[], { fanIn, random }: { fanIn: number; fanOut: number; random: Random }): Tensor {
    return draw(shape, this.options.distribution, Math.sqrt(1 / fanIn), random);
  }
}
