import type { Tensor } from '@tensorflow/tfjs-core';
import { initializer, options, positive, z, type Initializer, type Random } from '@cultivar/sdk';
import { draw } from './draw.js';

const schema = z.object({
  deviation: positive.default(0.01).describe('Standard deviation, whatever the size of the layer'),
});

/**
 * w ~ N(0, deviation^2), whatever the size of the layer. With 0.01 activations shrink from layer to layer until nothing is
 * left; with 1 units of tanh saturate and those of relu explode. `cultivar compare initializers` shows it.
 */
@initializer({
  name: 'normal',
  summary: 'Normal, of one deviation for layers of any size: too small or too large in deep networks',
  reference: 'CS231n notes, Neural networks 2: weight initialization; Krizhevsky et al. 2012 for 0.01',
  options: schema,
})
export class Normal implements Initializer {
  @options() readonly options!: z.infer<typeof schema>;

  create(shape: number[], { random }: { fanIn: number; fanOut: number; random: Random }): Tensor {
    return draw(shape, 'normal', this.options.deviation, random);
  }
}
