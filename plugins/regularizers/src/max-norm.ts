import * as tf from '@tensorflow/tfjs-core';
import { options, positive, regularizer, z, type Regularizer } from '@cultivar/sdk';

const schema = z.object({
  limit: positive.default(3).describe('Largest Euclidean length of the weights that lead into one unit'),
});

/**
 * w <- w * min(1, limit / |w|) after each step, for the weights w that lead into one unit: a column of a dense kernel, all of
 * one filter of a convolution, the window of one channel of a depthwise one.
 *
 * Source: Srivastava et al. 2014, "Dropout: a simple way to prevent neural networks from overfitting", section 5.1 (3 to 4);
 * the same numbers as `torch.renorm`.
 */
@regularizer({
  name: 'max-norm',
  summary: 'Shorten the weights of each unit to a largest length after each step',
  reference: 'Srivastava et al. 2014, Dropout: a simple way to prevent neural networks from overfitting',
  options: schema,
})
export class MaxNorm implements Regularizer {
  @options() readonly options!: z.infer<typeof schema>;

  project(weight: tf.Tensor, name: string): tf.Tensor {
    // [height, width, channels, multiplier]: each channel has filters of its own.
    const own = name.endsWith('depthwise_kernel') ? 2 : 1;
    const axes = weight.shape.map((_side, axis) => axis).slice(0, Math.max(1, weight.rank - own));
    const length = tf.sqrt(tf.sum(tf.square(weight), axes, true));
    return tf.mul(weight, tf.minimum(1, tf.div(this.options.limit, tf.maximum(length, 1e-12))));
  }
}
