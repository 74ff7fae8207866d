import * as tf from '@tensorflow/tfjs-core';
import { fraction, nonNegative, options, regularizer, z, type Regularizer } from '@cultivar/sdk';
import { absolute } from './l1.js';

const schema = z.object({
  lambda: nonNegative.default(1e-4).describe('Strength of both parts together'),
  ratio: fraction.default(0.5).describe('Share of the absolute part: 0 is l2, 1 is l1'),
});

/**
 * penalty(w) = lambda * (ratio * sum |w| + (1 - ratio) / 2 * sum w^2), summed over all kernels: the elastic net.
 *
 * Written as scikit-learn's `ElasticNet` writes it (alpha, l1_ratio): its ends are `l1` and `l2` of the same lambda.
 * Source: Zou & Hastie 2005, "Regularization and variable selection via the elastic net".
 */
@regularizer({
  name: 'elastic',
  summary: 'Penalty between l1 and l2: the elastic net',
  reference: 'Zou & Hastie 2005, Regularization and variable selection via the elastic net',
  options: schema,
})
export class Elastic implements Regularizer {
  @options() readonly options!: z.infer<typeof schema>;

  penalty(weight: tf.Tensor): tf.Scalar {
    const { lambda, ratio } = this.options;
    const linear = tf.mul(tf.sum(absolute(weight)), lambda * ratio);
    const squared = tf.mul(tf.sum(tf.square(weight)), (lambda * (1 - ratio)) / 2);
    return tf.add(linear, squared);
  }
}
