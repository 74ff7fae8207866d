import { nonNegative, options, schedule, z, type EpochRecord, type Schedule } from '@cultivar/sdk';

const schema = z.object({
  k: nonNegative.default(0.5).describe('How fast the rate falls: to a half after 1 / k'),
  per: z.enum(['epoch', 'step']).default('epoch').describe('What is counted'),
});

/**
 * multiplier = 1 / (1 + k * t), t epochs or steps done.
 *
 * Its sum has no bound and the sum of its squares has one, which is what Robbins & Monro ask of a rate that converges.
 * Source: the CS231n notes, "Annealing the learning rate"; the same numbers as `keras.optimizers.schedules.InverseTimeDecay`.
 */
@schedule({
  name: 'inverse-time',
  summary: 'The rate falls as 1 / t',
  reference: 'Robbins & Monro 1951, A stochastic approximation method; CS231n notes, Neural networks 3: annealing the learning rate',
  options: schema,
})
export class InverseTime implements Schedule {
  @options() readonly options!: z.infer<typeof schema>;

  at(_position: number, state: { step: number; epoch: number; history: readonly EpochRecord[] }): number {
    const { k, per } = this.options;
    return 1 / (1 + k * (state[per] - 1));
  }
}
