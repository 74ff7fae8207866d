import * as tf from '@tensorflow/tfjs-core';
import { nonNegative, options, regularizer, z, type Regularizer } from '@cultivar/sdk';

const schema = z.object({
  lambda: nonNegative.default(1e-5).describe('Strength; the gradient of the penalty is lambda * sign(w)'),
});

/**
 * penalty(w) = lambda * sum |w|, summed over all kernels; biases and batch-norm are left alone. At zero the gradient is zero.
 *
 * Source: Tibshirani 1996, "Regression shrinkage and selection via the lasso"; the same numbers as Keras's `L1`.
 */
@regularizer({
  name: 'l1',
  summary: 'Penalty of lambda times the sum of absolute weights, which makes them sparse',
  reference: 'Tibshirani 1996, Regression shrinkage and selection via the lasso',
  options: schema,
})
export class L1 implements Regularizer {
  @options() readonly options!: z.infer<typeof schema>;

  penalty(weight: tf.Tensor): tf.Scalar {
    return tf.mul(tf.sum(absolute(weight)), this.options.lambda);
  }
}

/** |w|, of gradient zero at zero: that of `tf.abs` is -1 there. */
export function absolute(weight: tf.Tensor): tf.Tensor {
  return tf.add(tf.relu(weight), tf.relu(tf.neg(weight)));
}
