import * as tf from '@tensorflow/tfjs-core';
import { optimizer, type Optimizer, type OptimizerStep } from '@cultivar/sdk';

/**
 * Gradient descent: w <- w - rate * g.
 *
 * Full batch, mini-batch or one by one is a matter of the batch size, not of the optimizer.
 * Source: Robbins & Monro 1951, "A stochastic approximation method"; the same numbers as `torch.optim.SGD(momentum=0)`.
 */
@optimizer({
  name: 'sgd',
  summary: 'A step against the gradient, as long as the rate says',
  reference: 'Robbins & Monro 1951, A stochastic approximation method',
})
export class SGD implements Optimizer {
  update({ gradient, learningRate }: OptimizerStep) {
    return { delta: tf.mul(gradient, -learningRate), slots: {} };
  }
}
