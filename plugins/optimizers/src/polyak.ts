import * as tf from '@tensorflow/tfjs-core';
import { contributionOf, Contributions, count, inject, optimizer, options, z, type Optimizer, type OptimizerStep } from '@cultivar/sdk';
import { shareKept } from './share-kept.js';
import { Wrapped } from './wrapped.js';

const schema = z.object({
  of: contributionOf('optimizer').default('adam').describe('The optimizer whose weights are averaged'),
  average: z.enum(['running', 'exponential']).default('exponential').describe('running: all steps alike; exponential: the last 1 / (1 - decay) steps or so'),
  decay: shareKept.default(0.999).describe('Share of an exponential average that is kept at each step, 0 <= decay < 1'),
  warmUp: z.boolean().default(true).describe('Let an exponential average forget faster at first, so that it does not hang on to where it began'),
  start: count.default(1).describe('Step of the phase from which on weights are averaged'),
});

/**
 * Trains with another optimizer, and measures and keeps the mean of its weights.
 * Running: a <- a + (w - a) / n, n weights so far.  Exponential: a <- decay * a + (1 - decay) * w, from the first w.
 * With a warm-up the decay is min(decay, (1 + n) / (10 + n)): an average over 1,000 steps would say little after a hundred.
 *
 * Source: Polyak & Juditsky 1992, "Acceleration of stochastic approximation by averaging"; the same numbers as
 * `torch.optim.swa_utils.AveragedModel`, plain and with `get_ema_multi_avg_fn`; the warm-up is that of
 * `tf.train.ExponentialMovingAverage(num_updates)`. Statistics of batch-norm are not averaged.
 */
@optimizer({
  name: 'polyak',
  summary: 'Keep the mean of the weights along the way of any other optimizer',
  reference: 'Polyak & Juditsky 1992, Acceleration of stochastic approximation by averaging',
  options: schema,
})
export class Polyak implements Optimizer {
  @options() readonly options!: z.infer<typeof schema>;
  @inject(Contributions) readonly contributions!: Contributions;
  #of: Wrapped | undefined;

  get elementwise(): boolean {
    return this.of.elementwise;
  }

  update(step: OptimizerStep) {
    const { delta, slots } = this.of.update(step);
    if (step.step < this.options.start) return { delta, slots };
    const weight = this.of.evaluated({ parameter: tf.add(step.parameter, delta), slots, step: step.step });
    const { average: before, count: weights = tf.scalar(0) } = step.slots;
    return { delta, slots: { ...slots, average: before ? this.mean(before, weight, weights) : weight, count: tf.add(weights, 1) } };
  }

  evaluated({ parameter, slots, step }: { parameter: tf.Tensor; slots: Readonly<Record<string, tf.Tensor>>; step: number }): tf.Tensor {
    return slots['average'] ?? this.of.evaluated({ parameter, slots, step });
  }

  /** @param weights averaged so far */
  private mean(before: tf.Tensor, weight: tf.Tensor, weights: tf.Tensor): tf.Tensor {
    const { average, decay, warmUp } = this.options;
    let share: tf.Tensor | number = 1 - decay;
    if (average === 'running') share = tf.div(1, tf.add(weights, 1));
    else if (warmUp) share = tf.maximum(share, tf.div(9, tf.add(weights, 10)));
    return tf.add(before, tf.mul(tf.sub(weight, before), share));
  }

  private get of(): Wrapped {
    this.#of ??= new Wrapped(this.contributions, this.options.of);
    return this.#of;
  }
}
