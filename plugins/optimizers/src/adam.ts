import * as tf from '@tensorflow/tfjs-core';
import { optimizer, options, z, type Optimizer, type OptimizerStep } from '@cultivar/sdk';
import { leakyMean } from './leaky-mean.js';
import { root, rootOptions } from './root.js';
import { shareKept } from './share-kept.js';
import { decayOptions, withDecay } from './weight-decay.js';

export const adamOptions = {
  beta1: shareKept.default(0.9).describe('Share of the mean gradient that is kept at each step, 0 <= beta1 < 1'),
  beta2: shareKept.default(0.999).describe('Share of the mean squared gradient that is kept at each step, 0 <= beta2 < 1'),
  biasCorrection: z.boolean().default(true).describe('Make up for moments that start from zero; without it the first steps are wrong'),
  ...rootOptions(1e-8),
  ...decayOptions,
};
const schema = z.object(adamOptions);

/**
 * m <- b1 * m + (1 - b1) * g;  v <- b2 * v + (1 - b2) * g^2;
 * w <- w - rate * (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + epsilon).
 *
 * Without bias correction m and v stand there undivided: both start from zero, v the more slowly, so that the first steps
 * are (1 - b1) / sqrt(1 - b2) = 3.2 times too long.
 * Source: Kingma & Ba 2015, "Adam: a method for stochastic optimization", algorithm 1; the same numbers as `torch.optim.Adam`,
 * whose weight decay is the coupled one.
 */
@optimizer({
  name: 'adam',
  summary: 'Mean gradient over the root of the mean squared gradient, each corrected for its start at zero',
  reference: 'Kingma & Ba 2015, Adam: a method for stochastic optimization; Loshchilov & Hutter 2019 for weightDecay',
  options: schema,
})
export class Adam implements Optimizer {
  @options() readonly options!: z.infer<typeof schema>;

  update(step: OptimizerStep) {
    const { beta1, beta2, biasCorrection } = this.options;
    return withDecay(step, this.options, ({ gradient, slots, step: t, learningRate }) => {
      const mean = leakyMean(slots['mean'], gradient, beta1);
      const square = leakyMean(slots['square'], tf.square(gradient), beta2);
      const meanShare = biasCorrection ? 1 - beta1 ** t : 1;
      const squareShare = biasCorrection ? 1 - beta2 ** t : 1;
      const size = root(tf.div(square, squareShare), this.options);
      return { delta: tf.mul(tf.div(mean, size), -learningRate / meanShare), slots: { mean, square } };
    });
  }
}
