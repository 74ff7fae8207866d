import * as tf from '@tensorflow/tfjs-core';
import { optimizer, options, z, type Optimizer, type OptimizerStep } from '@cultivar/sdk';
import { leakyMean } from './leaky-mean.js';
import { shareKept } from './share-kept.js';
import { decayOptions, withDecay } from './weight-decay.js';

const schema = z.object({
  beta1: shareKept.default(0.9).describe('Share of the momentum in the direction of this step, 0 <= beta1 < 1'),
  beta2: shareKept.default(0.99).describe('Share of the momentum that is kept for the next step, 0 <= beta2 < 1'),
  ...decayOptions,
});

/**
 * w <- w - rate * sign(b1 * m + (1 - b1) * g);  m <- b2 * m + (1 - b2) * g.
 *
 * All components move alike, so that rates are a third to a tenth of Adam's, and weight decay as much larger.
 * Source: Chen et al. 2023, "Symbolic discovery of optimization algorithms", program 1.
 */
@optimizer({
  name: 'lion',
  summary: 'Step by the sign of a mix of momentum and gradient; one slot, steps of one length',
  reference: 'Chen et al. 2023, Symbolic discovery of optimization algorithms',
  options: schema,
})
export class Lion implements Optimizer {
  @options() readonly options!: z.infer<typeof schema>;

  update(step: OptimizerStep) {
    const { beta1, beta2 } = this.options;
    return withDecay(step, this.options, ({ gradient, slots, learningRate }) => {
      const direction = tf.sign(leakyMean(slots['mean'], gradient, beta1));
      return { delta: tf.mul(direction, -learningRate), slots: { mean: leakyMean(slots['mean'], gradient, beta2) } };
    });
  }
}
