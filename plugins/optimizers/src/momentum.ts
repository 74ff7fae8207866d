import * as tf from '@tensorflow/tfjs-core';
import { fraction, optimizer, options, z, type Optimizer, type OptimizerStep } from '@cultivar/sdk';

const schema = z.object({
  momentum: fraction.default(0.9).describe('Share of the velocity that is kept at each step, 0..1'),
  nesterov: z.boolean().default(false).describe('Look ahead: step from where the velocity is about to carry the weight'),
});

/**
 * Heavy ball: v <- mu * v + g;  w <- w - rate * v.
 * Nesterov, rewritten so that the gradient is taken where the weight stands: w <- w - rate * (g + mu * v).
 *
 * The rate stands outside the velocity, as in `torch.optim.SGD(momentum, nesterov)`. The lectures write
 * v <- mu * v - rate * g;  w <- w + v, which is the same while the rate does not change.
 * Source: Polyak 1964; Nesterov 1983; Sutskever et al. 2013, "On the importance of initialization and momentum".
 */
@optimizer({
  name: 'momentum',
  summary: 'A ball that rolls: steps along a leaky sum of past gradients',
  reference: 'Polyak 1964, Some methods of speeding up the convergence of iteration methods; Sutskever et al. 2013',
  options: schema,
})
export class Momentum implements Optimizer {
  @options() readonly options!: z.infer<typeof schema>;

  update({ gradient, slots, learningRate }: OptimizerStep) {
    const { momentum, nesterov } = this.options;
    const velocity = slots.velocity ? tf.add(tf.mul(slots.velocity, momentum), gradient) : tf.clone(gradient);
    const direction = nesterov ? tf.add(gradient, tf.mul(velocity, momentum)) : velocity;
    return { delta: tf.mul(direction, -learningRate), slots: { velocity } };
  }
}
