import * as tf from '@tensorflow/tfjs-core';
import { optimizer, options, positive, z, type Optimizer, type OptimizerStep } from '@cultivar/sdk';
import { leakyMean } from './leaky-mean.js';
import { shareKept } from './share-kept.js';
import { decayOptions, withDecay } from './weight-decay.js';

const schema = z.object({
  beta1: shareKept.default(0.9).describe('Share of the mean gradient that is kept at each step, 0 <= beta1 < 1'),
  beta2: shareKept.default(0.999).describe('Share of the largest gradient that is kept at each step, 0 <= beta2 < 1'),
  epsilon: positive.default(1e-8).describe('Added to the size of each gradient, against division by zero'),
  ...decayOptions,
});

/**
 * m <- b1 * m + (1 - b1) * g;  u <- max(b2 * u, |g| + epsilon);  w <- w - rate / (1 - b1^t) * m / u.
 *
 * Source: Kingma & Ba 2015, "Adam: a method for stochastic optimization", algorithm 2; epsilon where `torch.optim.Adamax` has it.
 */
@optimizer({
  name: 'adamax',
  summary: 'Adam with the largest recent gradient in place of the root of the mean square',
  reference: 'Kingma & Ba 2015, Adam: a method for stochastic optimization, section 7.1',
  options: schema,
})
export class Adamax implements Optimizer {
  @options() readonly options!: z.infer<typeof schema>;

  update(step: OptimizerStep) {
    const { beta1, beta2, epsilon } = this.options;
    return withDecay(step, this.options, ({ gradient, slots, step: t, learningRate }) => {
      const mean = leakyMean(slots['mean'], gradient, beta1);
      const size = tf.add(tf.abs(gradient), epsilon);
      const largest = slots['largest'] ? tf.maximum(tf.mul(slots['largest'], beta2), size) : size;
      return { delta: tf.mul(tf.div(mean, largest), -learningRate / (1 - beta1 ** t)), slots: { mean, largest } };
    });
  }
}
