import * as tf from '@tensorflow/tfjs-core';
import { optimizer, options, positive, z, type Optimizer, type OptimizerStep } from '@cultivar/sdk';
import { leakyMean } from './leaky-mean.js';
import { shareKept } from './share-kept.js';
import { decayOptions, withDecay } from './weight-decay.js';

const schema = z.object({
  rho: shareKept.default(0.9).describe('Share of both mean squares that is kept at each step, 0 <= rho < 1'),
  epsilon: positive.default(1e-6).describe('Under both roots: against division by zero, and what the first step grows from'),
  rate: positive.default(1).describe('Times the schedule and the share of the stage; the run\'s learning rate is not used'),
  ...decayOptions,
});

/**
 * v <- rho * v + (1 - rho) * g^2;  d = sqrt(u + epsilon) / sqrt(v + epsilon) * g;  u <- rho * u + (1 - rho) * d^2;  w <- w - d.
 *
 * A step has the unit of the weight, not of its inverse, so that no rate is needed: the run's is left aside; the schedule
 * and the shares of the stages still count.
 * Source: Zeiler 2012, "ADADELTA: an adaptive learning rate method", algorithm 1; the same numbers as
 * `torch.optim.Adadelta(lr=1)`. Keras has the same formula with rho 0.95, epsilon 1e-7 and a rate of 0.001.
 */
@optimizer({
  name: 'adadelta',
  summary: 'Divide by the size of recent gradients, multiply by the size of recent steps; needs no rate',
  reference: 'Zeiler 2012, ADADELTA: an adaptive learning rate method',
  options: schema,
})
export class Adadelta implements Optimizer {
  @options() readonly options!: z.infer<typeof schema>;

  update({ multiplier = 1, gradient: own, slots: before, step, parameter }: OptimizerStep) {
    const { rho, epsilon, rate } = this.options;
    return withDecay({ gradient: own, slots: before, step, parameter, learningRate: rate * multiplier }, this.options, ({ gradient, slots, learningRate }) => {
      const gradients = leakyMean(slots['gradients'], tf.square(gradient), rho);
      const steps = slots['steps'] ?? tf.zerosLike(gradient);
      const move = tf.mul(tf.sqrt(tf.div(tf.add(steps, epsilon), tf.add(gradients, epsilon))), gradient);
      return { delta: tf.mul(move, -learningRate), slots: { gradients, steps: leakyMean(steps, tf.square(move), rho) } };
    });
  }
}
