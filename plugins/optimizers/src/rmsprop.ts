import * as tf from '@tensorflow/tfjs-core';
import { fraction, optimizer, options, z, type Optimizer, type OptimizerStep } from '@cultivar/sdk';
import { leakyMean } from './leaky-mean.js';
import { root, rootOptions } from './root.js';
import { shareKept } from './share-kept.js';
import { decayOptions, withDecay } from './weight-decay.js';

const schema = z.object({
  rho: shareKept.default(0.9).describe('Share of the mean squared gradient that is kept at each step, 0 <= rho < 1'),
  momentum: fraction.default(0).describe('Share of the velocity that is kept at each step, 0..1; 0: no velocity'),
  centered: z.boolean().default(false).describe('Divide by the deviation of recent gradients in place of their size'),
  ...rootOptions(1e-8),
  ...decayOptions,
});

/**
 * h <- rho * h + (1 - rho) * g^2;  w <- w - rate * g / (sqrt(h) + epsilon).
 * Centered: sqrt(h - m^2), m the leaky mean of g. With momentum: v <- mu * v + g / (sqrt(h) + epsilon);  w <- w - rate * v.
 *
 * Source: Tieleman & Hinton 2012, "Lecture 6.5 - rmsprop", Coursera; Graves 2013 for the centered form; the same numbers as
 * `torch.optim.RMSprop` (whose rho is 0.99); with `epsilonInside` those of Keras.
 */
@optimizer({
  name: 'rmsprop',
  summary: 'Divide each gradient by the root of a leaky mean of its squares',
  reference: 'Tieleman & Hinton 2012, Lecture 6.5 - rmsprop; Graves 2013, Generating sequences with recurrent neural networks, for centered',
  options: schema,
})
export class RMSProp implements Optimizer {
  @options() readonly options!: z.infer<typeof schema>;

  update(step: OptimizerStep) {
    const { rho, momentum, centered } = this.options;
    return withDecay(step, this.options, ({ gradient, slots, learningRate }) => {
      const next: Record<string, tf.Tensor> = { square: leakyMean(slots['square'], tf.square(gradient), rho) };
      if (centered) next['mean'] = leakyMean(slots['mean'], gradient, rho);
      // Never below zero, but for rounding.
      const spread = next['mean'] ? tf.relu(tf.sub(next['square']!, tf.square(next['mean']))) : next['square']!;
      let direction = tf.div(gradient, root(spread, this.options));
      if (momentum > 0) {
        direction = slots['velocity'] ? tf.add(tf.mul(slots['velocity'], momentum), direction) : direction;
        next['velocity'] = direction;
      }
      return { delta: tf.mul(direction, -learningRate), slots: next };
    });
  }
}
