import * as tf from '@tensorflow/tfjs-core';
import { nonNegative, options, regularizer, z, type Random, type Regularizer } from '@cultivar/sdk';

const schema = z.object({
  sigma: nonNegative.default(0.01).describe('Standard deviation of the noise'),
});

/**
 * Training: loss and gradient at w + e, e ~ N(0, sigma^2), drawn for each weight at each step; the step is taken from w.
 * Inference: w.
 *
 * Source: Graves 2011, "Practical variational inference for neural networks" (its simplest case); An 1996, "The effects of
 * adding noise during backpropagation training on a generalization performance".
 */
@regularizer({
  name: 'weight-noise',
  summary: 'Compute the gradient at weights with Gaussian noise added',
  reference: 'Graves 2011, Practical variational inference for neural networks',
  options: schema,
})
export class WeightNoise implements Regularizer {
  @options() readonly options!: z.infer<typeof schema>;

  noise(weight: tf.Tensor, _name: string, random: Random): tf.Tensor {
    return tf.add(weight, tf.randomNormal(weight.shape, 0, this.options.sigma, 'float32', random.seed()));
  }
}
