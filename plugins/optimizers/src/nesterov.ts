import * as tf from '@tensorflow/tfjs-core';
import { fraction, optimizer, options, z, type Optimizer, type OptimizerStep } from '@cultivar/sdk';
import { decayOptions, withDecay } from './weight-decay.js';

const schema = z.object({
  momentum: fraction.default(0.9).describe('Share of the velocity that is kept at each step, 0..1'),
  form: z.enum(['rewritten', 'original']).default('rewritten')
    .describe('Which weight is measured and kept. rewritten: the one looked ahead to, as everybody computes it; original: the one behind it'),
  ...decayOptions,
});

/**
 * Original: v' = mu * v - rate * grad f(w + mu * v);  w' = w + v'.
 * Rewritten in the weight looked ahead to, W = w + mu * v, where the gradient is taken:
 * v' = mu * v - rate * grad f(W);  W' = W - mu * v + (1 + mu) * v'.
 *
 * Both walk one path: the trained weight is W either way, and the original form measures and keeps w = W - mu * v.
 * The rate stands inside the velocity, as in the lectures and in Keras; `torch.optim.SGD(nesterov=True)` has it outside,
 * which is the same while the rate does not change.
 * Source: Nesterov 1983, "A method of solving a convex programming problem with convergence rate O(1/k^2)"; Bengio et al.
 * 2012, "Advances in optimizing recurrent networks", section 3.5; CS231n notes, "Neural networks 3: parameter updates".
 */
@optimizer({
  name: 'nesterov',
  summary: 'A ball that looks ahead: the gradient is taken where the velocity is about to carry the weight',
  reference: 'Nesterov 1983; Sutskever et al. 2013; CS231n notes, Neural networks 3, for the rewritten form',
  options: schema,
})
export class Nesterov implements Optimizer {
  @options() readonly options!: z.infer<typeof schema>;

  update(step: OptimizerStep) {
    const { momentum } = this.options;
    return withDecay(step, this.options, ({ gradient, slots, learningRate }) => {
      const push = tf.mul(gradient, -learningRate);
      const before = slots['velocity'] ? tf.mul(slots['velocity'], momentum) : tf.zerosLike(gradient);
      const velocity = tf.add(before, push);
      return { delta: tf.sub(tf.mul(velocity, 1 + momentum), before), slots: { velocity } };
    });
  }

  evaluated({ parameter, slots }: { parameter: tf.Tensor; slots: Readonly<Record<string, tf.Tensor>> }): tf.Tensor {
    if (this.options.form === 'rewritten' || !slots['velocity']) return parameter;
    return tf.sub(parameter, tf.mul(slots['velocity'], this.options.momentum));
  }
}
