import * as tf from '@tensorflow/tfjs-core';
import { options, regularizer, z, type Random, type Regularizer } from '@cultivar/sdk';

const schema = z.object({
  rate: z.number().min(0).lt(1).default(0.5).describe('Share of the weights that is dropped, 0 <= rate < 1'),
  where: z.enum(['head', 'all']).default('head').describe('The classifier alone, or every trained kernel'),
});

/**
 * Training: w' = w * m / (1 - rate), m 1 with probability 1 - rate, drawn for each weight at each step; a dropped weight has no
 * gradient. Inference: w.
 *
 * Source: Wan et al. 2013, "Regularization of neural networks using DropConnect". They draw a mask for each image and take moments
 * at inference; here one mask serves a batch, and the mean is kept as in inverted dropout.
 */
@regularizer({
  name: 'drop-connect',
  summary: 'Drop weights at random while training (inverted)',
  reference: 'Wan et al. 2013, Regularization of neural networks using DropConnect',
  options: schema,
})
export class DropConnect implements Regularizer {
  @options() readonly options!: z.infer<typeof schema>;

  noise(weight: tf.Tensor, name: string, random: Random): tf.Tensor {
    const { rate, where } = this.options;
    if (rate === 0 || (where === 'head' && !name.startsWith('head/'))) return weight;
    const drawn = tf.randomUniform(weight.shape, 0, 1, 'float32', random.seed());
    return tf.mul(weight, tf.div(tf.cast(tf.greaterEqual(drawn, rate), 'float32'), 1 - rate));
  }
}
