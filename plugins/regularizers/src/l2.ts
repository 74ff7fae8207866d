import * as tf from '@tensorflow/tfjs-core';
import { nonNegative, options, regularizer, z, type Regularizer } from '@cultivar/sdk';

const schema = z.object({
  lambda: nonNegative.default(1e-4).describe('Strength; the gradient of the penalty is lambda * w'),
});

/**
 * penalty(w) = lambda / 2 * sum(w^2), summed over all kernels; biases and batch-norm are left alone.
 *
 * With the half, as in the CS231n notes, the gradient is lambda * w: what PyTorch calls `weight_decay` in SGD.
 * Keras's `L2(l)` is written without the half: lambda = 2 * l.
 * Source: Hoerl & Kennard 1970, "Ridge regression"; Krogh & Hertz 1991, "A simple weight decay can improve generalization".
 */
@regularizer({
  name: 'l2',
  summary: 'Penalty of half lambda times the sum of squared weights',
  reference: 'Krogh & Hertz 1991, A simple weight decay can improve generalization',
  options: schema,
})
export class L2 implements Regularizer {
  @options() readonly options!: z.infer<typeof schema>;

  penalty(weight: tf.Tensor): tf.Scalar {
    return tf.mul(tf.sum(tf.square(weight)), this.options.lambda / 2);
  }
}
