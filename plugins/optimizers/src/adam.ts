import * as tf from '@tensorflow/tfjs-core';
import { nonNegative, optimizer, options, positive, z, type Optimizer, type OptimizerStep } from '@cultivar/sdk';

const decay = z.number().min(0).lt(1);
const schema = z.object({
  beta1: decay.default(0.9).describe('Share of the mean gradient that is kept at each step, 0 <= beta1 < 1'),
  beta2: decay.default(0.999).describe('Share of the mean squared gradient that is kept at each step, 0 <= beta2 < 1'),
  epsilon: positive.default(1e-8).describe('Added to the root, against division by zero'),
  biasCorrection: z.boolean().default(true).describe('Make up for moments that start from zero; without it the first steps are wrong'),
  weightDecay: nonNegative.default(0).describe('Decoupled weight decay (AdamW): share of the weight, times the rate, taken away at each step'),
});

/**
 * m <- b1 * m + (1 - b1) * g;  v <- b2 * v + (1 - b2) * g^2;
 * w <- w - rate * (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + epsilon) - rate * weightDecay * w.
 *
 * The decay is decoupled from the gradient and acts on every weight that is handed over, as in `torch.optim.AdamW`.
 * Source: Kingma & Ba 2015, "Adam: a method for stochastic optimization", algorithm 1;
 * Loshchilov & Hutter 2019, "Decoupled weight decay regularization", algorithm 2.
 */
@optimizer({
  name: 'adam',
  summary: 'Mean gradient over the root of the mean squared gradient, each corrected for its start at zero',
  reference: 'Kingma & Ba 2015, Adam: a method for stochastic optimization; Loshchilov & Hutter 2019 for weightDecay',
  options: schema,
})
export class Adam implements Optimizer {
  @options() readonly options!: z.infer<typeof schema>;

  update({ gradient, slots, step, learningRate, parameter }: OptimizerStep) {
    const { beta1, beta2, epsilon, biasCorrection, weightDecay } = this.options;
    const mean = leakyMean(slots.mean, gradient, beta1);
    const square = leakyMean(slots.square, tf.square(gradient), beta2);
    const meanShare = biasCorrection ? 1 - beta1 ** step : 1;
    const squareShare = biasCorrection ? 1 - beta2 ** step : 1;
    const root = tf.add(tf.sqrt(tf.div(square, squareShare)), epsilon);
    const move = tf.mul(tf.div(mean, root), -learningRate / meanShare);
    const delta = weightDecay === 0 ? move : tf.sub(move, tf.mul(parameter, learningRate * weightDecay));
    return { delta, slots: { mean, square } };
  }
}

/** beta * before + (1 - beta) * value, from zero. */
function leakyMean(before: tf.Tensor | undefined, value: tf.Tensor, beta: number): tf.Tensor {
  const fresh = tf.mul(value, 1 - beta);
  return before ? tf.add(tf.mul(before, beta), fresh) : fresh;
}
