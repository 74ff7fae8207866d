import { count, fraction, options, schedule, z, type EpochRecord, type Schedule } from '@cultivar/sdk';

const schema = z.object({
  factor: fraction.default(0.95).describe('What the rate is multiplied with each time, 0..1'),
  per: z.enum(['epoch', 'step']).default('epoch').describe('What is counted'),
  every: count.default(1).describe('Epochs or steps in which the rate falls by one factor; smoothly in between'),
});

/**
 * multiplier = factor ^ (t / every), t epochs or steps done. The lectures write e^(-k t): factor = e^-k.
 *
 * Source: the CS231n notes, "Annealing the learning rate"; the same numbers as `torch.optim.lr_scheduler.ExponentialLR` and
 * `keras.optimizers.schedules.ExponentialDecay`.
 */
@schedule({
  name: 'exponential',
  summary: 'Multiply the rate by a factor at each epoch, or at each step',
  reference: 'CS231n notes, Neural networks 3: annealing the learning rate',
  options: schema,
})
export class Exponential implements Schedule {
  @options() readonly options!: z.infer<typeof schema>;

  at(_position: number, state: { step: number; epoch: number; history: readonly EpochRecord[] }): number {
    const { factor, per, every } = this.options;
    return factor ** ((state[per] - 1) / every);
  }
}
