import type { Tensor } from '@tensorflow/tfjs-core';
import { initializer, options, z, type Initializer, type Random } from '@cultivar/sdk';
import { draw } from './draw.js';

const schema = z.object({
  distribution: z.enum(['normal', 'uniform']).default('normal').describe('Shape of the distribution'),
});

/**
 * Var(w) = 2 / fanIn: half of what enters a relu is lost, so twice the variance goes in.
 *
 * Source: He et al. 2015, "Delving deep into rectifiers", equation 10; also called Kaiming, mode fan-in.
 */
@initializer({
  name: 'he',
  summary: 'Variance 2 / fanIn, for layers of relu (Kaiming)',
  reference: 'He et al. 2015, Delving deep into rectifiers',
  options: schema,
})
export class He implements Initializer {
  @options() readonly options!: z.infer<typeof schema>;

  create(shape: number[], { fanIn, random }: { fanIn: number; fanOut: number; random: Random }): Tensor {
    return draw(shape, this.options.distribution, Math.sqrt(2 / fanIn), random);
  }
}
