import { count, fraction, options, schedule, z, type EpochRecord, type Schedule } from '@cultivar/sdk';

const schema = z.object({
  every: count.default(5).describe('Epochs between two drops'),
  factor: fraction.default(0.5).describe('What the rate is multiplied with at each drop, 0..1'),
});

/**
 * multiplier = factor ^ floor((epoch - 1) / every), epochs counted from 1.
 *
 * Source: the CS231n notes, "Annealing the learning rate": half every 5 epochs, or a tenth every 20;
 * the same numbers as `torch.optim.lr_scheduler.StepLR`.
 */
@schedule({
  name: 'step',
  summary: 'Drop the rate by a factor every few epochs',
  reference: 'CS231n notes, Neural networks 3: annealing the learning rate',
  options: schema,
})
export class Step implements Schedule {
  @options() readonly options!: z.infer<typeof schema>;

  at(_position: number, { epoch }: { step: number; epoch: number; history: readonly EpochRecord[] }): number {
    const { every, factor } = this.options;
    return factor ** Math.floor((epoch - 1) / every);
  }
}
