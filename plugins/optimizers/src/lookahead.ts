import * as tf from '@tensorflow/tfjs-core';
import { contributionOf, Contributions, count, fraction, inject, optimizer, options, z, type Optimizer, type OptimizerStep } from '@cultivar/sdk';
import { Wrapped } from './wrapped.js';

const schema = z.object({
  of: contributionOf('optimizer').default('adam').describe('The optimizer that explores'),
  every: count.default(5).describe('Steps of the other optimizer between two steps of the slow weights; called k'),
  share: fraction.default(0.5).describe('How far the slow weights go towards the fast ones, 0..1; called alpha'),
});

/**
 * Fast weights w follow another optimizer. Every k steps: s <- s + alpha * (w - s);  w <- s. What is measured and kept is s.
 *
 * Source: Zhang et al. 2019, "Lookahead optimizer: k steps forward, 1 step back", algorithm 1. The other optimizer keeps its moments
 * where w is put back.
 */
@optimizer({
  name: 'lookahead',
  summary: 'Every few steps of any other optimizer, go back part of the way',
  reference: 'Zhang et al. 2019, Lookahead optimizer: k steps forward, 1 step back',
  options: schema,
})
export class Lookahead implements Optimizer {
  @options() readonly options!: z.infer<typeof schema>;
  @inject(Contributions) readonly contributions!: Contributions;
  #of: Wrapped | undefined;

  get elementwise(): boolean {
    return this.of.elementwise;
  }

  update(step: OptimizerStep) {
    const { every, share } = this.options;
    const { delta, slots } = this.of.update(step);
    const { parameter } = step;
    const before = step.slots['slow'] ?? tf.clone(parameter);
    if (step.step % every !== 0) return { delta, slots: { ...slots, slow: before } };
    const slow = tf.add(before, tf.mul(tf.sub(tf.add(parameter, delta), before), share));
    return { delta: tf.sub(slow, parameter), slots: { ...slots, slow } };
  }

  evaluated({ parameter, slots }: { parameter: tf.Tensor; slots: Readonly<Record<string, tf.Tensor>> }): tf.Tensor {
    return slots['slow'] ?? parameter;
  }

  private get of(): Wrapped {
    this.#of ??= new Wrapped(this.contributions, this.options.of);
    return this.#of;
  }
}
