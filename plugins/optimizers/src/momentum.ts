import * as tf from '@tensorflow/tfjs-core';
import { fraction, optimizer, options, z, type Optimizer, type OptimizerStep } from '@cultivar/sdk';
import { decayOptions, withDecay } from './weight-decay.js';

const schema = z.object({
  momentum: fraction.default(0.9).describe('Share of the velocity that is kept at each step, 0..1'),
  ...decayOptions,
});

/**
 * Heavy ball: v <- mu * v + g;  w <- w - rate * v.
 *
 * The rate stands outside the velocity, as in `torch.optim.SGD(momentum)`. The lectures write
 * v <- mu * v - rate * g;  w <- w + v, which is the same while the rate does not change.
 * Source: Polyak 1964; Sutskever et al. 2013, "On the importance of initialization and momentum".
 */
@optimizer({
  name: 'momentum',
  summary: 'A ball that rolls: steps along a leaky sum of past gradients',
  reference: 'Polyak 1964, Some methods of speeding up the convergence of iteration methods; Sutskever et al. 2013',
  options: schema,
})
export class Momentum implements Optimizer {
  @options() readonly options!: z.infer<typeof schema>;

  update(step: OptimizerStep) {
    return withDecay(step, this.options, ({ gradient, slots, learningRate }) => {
      const velocity = slots['velocity'] ? tf.add(tf.mul(slots['velocity'], this.options.momentum), gradient) : tf.clone(gradient);
      return { delta: tf.mul(velocity, -learningRate), slots: { velocity } };
    });
  }
}
