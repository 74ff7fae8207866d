import * as tf from '@tensorflow/tfjs-core';
import { nonNegative, optimizer, options, z, type Optimizer, type OptimizerStep } from '@cultivar/sdk';
import { leakyMean } from './leaky-mean.js';
import { root, rootOptions } from './root.js';
import { shareKept } from './share-kept.js';
import { decayOptions, withDecay } from './weight-decay.js';

const schema = z.object({
  beta1: shareKept.default(0.9).describe('What the momentum grows to, 0 <= beta1 < 1'),
  beta2: shareKept.default(0.999).describe('Share of the mean squared gradient that is kept at each step, 0 <= beta2 < 1'),
  momentumDecay: nonNegative.default(0.004).describe('How fast the momentum grows; PyTorch 0.004, Keras 1'),
  ...rootOptions(1e-8),
  ...decayOptions,
});

/**
 * Momentum that grows: mu_t = b1 * (1 - 0.96^(t * momentumDecay) / 2), M_t = mu_1 * ... * mu_t.
 * m <- b1 * m + (1 - b1) * g;  v <- b2 * v + (1 - b2) * g^2;
 * w <- w - rate * ((1 - mu_t) / (1 - M_t) * g + mu_(t+1) / (1 - M_(t+1)) * m) / (sqrt(v / (1 - b2^t)) + epsilon).
 *
 * Source: Dozat 2016, "Incorporating Nesterov momentum into Adam"; the same numbers as `torch.optim.NAdam`, and with
 * `momentumDecay` 1 as `keras.optimizers.Nadam`.
 */
@optimizer({
  name: 'nadam',
  summary: 'Adam that looks ahead, as Nesterov\'s momentum does',
  reference: 'Dozat 2016, Incorporating Nesterov momentum into Adam',
  options: schema,
})
export class NAdam implements Optimizer {
  @options() readonly options!: z.infer<typeof schema>;

  update(step: OptimizerStep) {
    const { beta1, beta2, momentumDecay } = this.options;
    const momentum = (t: number) => beta1 * (1 - 0.96 ** (t * momentumDecay) / 2);
    return withDecay(step, this.options, ({ gradient, slots, step: t, learningRate }) => {
      const mean = leakyMean(slots['mean'], gradient, beta1);
      const square = leakyMean(slots['square'], tf.square(gradient), beta2);
      const product = tf.mul(slots['product'] ?? 1, momentum(t));
      const fresh = tf.mul(gradient, tf.div(1 - momentum(t), tf.sub(1, product)));
      const rolling = tf.mul(mean, tf.div(momentum(t + 1), tf.sub(1, tf.mul(product, momentum(t + 1)))));
      const size = root(tf.div(square, 1 - beta2 ** t), this.options);
      return { delta: tf.mul(tf.div(tf.add(fresh, rolling), size), -learningRate), slots: { mean, square, product } };
    });
  }
}
