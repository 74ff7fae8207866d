import * as tf from '@tensorflow/tfjs-core';
import { optimizer, options, z, type Optimizer, type OptimizerStep } from '@cultivar/sdk';
import { root, rootOptions } from './root.js';
import { decayOptions, withDecay } from './weight-decay.js';

const schema = z.object({ ...rootOptions(1e-10), ...decayOptions });

/**
 * h <- h + g^2;  w <- w - rate * g / (sqrt(h) + epsilon).
 *
 * The sum only grows, so steps only shrink: good for convex problems and rare features, early standstill in deep networks.
 * Source: Duchi, Hazan & Singer 2011, "Adaptive subgradient methods"; the same numbers as `torch.optim.Adagrad`.
 */
@optimizer({
  name: 'adagrad',
  summary: 'Divide each gradient by the root of the sum of its squares so far',
  reference: 'Duchi, Hazan & Singer 2011, Adaptive subgradient methods for online learning and stochastic optimization',
  options: schema,
})
export class Adagrad implements Optimizer {
  @options() readonly options!: z.infer<typeof schema>;

  update(step: OptimizerStep) {
    return withDecay(step, this.options, ({ gradient, slots, learningRate }) => {
      const square = tf.square(gradient);
      const sum = slots['sum'] ? tf.add(slots['sum'], square) : square;
      return { delta: tf.mul(tf.div(gradient, root(sum, this.options)), -learningRate), slots: { sum } };
    });
  }
}
