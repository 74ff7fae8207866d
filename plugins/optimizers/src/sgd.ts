import * as tf from '@tensorflow/tfjs-core';
import { optimizer, options, z, type Optimizer, type OptimizerStep } from '@cultivar/sdk';
import { decayOptions, withDecay } from './weight-decay.js';

const schema = z.object({ ...decayOptions });

/**
 * Gradient descent: w <- w - rate * g.
 *
 * Full batch, mini-batch or one by one is a matter of the batch size, not of the optimizer; the regularizer `loss-threshold`
 * stops it where the loss is low enough.
 * Source: Robbins & Monro 1951, "A stochastic approximation method"; the same numbers as `torch.optim.SGD(momentum=0)`.
 */
@optimizer({
  name: 'sgd',
  summary: 'Step against the gradient, as far as the rate says',
  reference: 'Robbins & Monro 1951, A stochastic approximation method',
  options: schema,
})
export class SGD implements Optimizer {
  @options() readonly options!: z.infer<typeof schema>;

  update(step: OptimizerStep) {
    return withDecay(step, this.options, ({ gradient, learningRate }) => ({ delta: tf.mul(gradient, -learningRate), slots: {} }));
  }
}
