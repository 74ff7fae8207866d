import { fraction, nonNegative, options, schedule, z, type EpochRecord, type Schedule } from '@cultivar/sdk';

const schema = z.object({
  factor: fraction.default(0.1).describe('What the rate is multiplied with at each drop, 0..1'),
  patience: nonNegative.int().default(2).describe('Epochs without improvement that are let pass before a drop; PyTorch\'s and Keras\'s 10 is for long trainings'),
  threshold: fraction.default(1e-4).describe('A validation loss counts as better if it is lower by more than this share'),
  cooldown: nonNegative.int().default(0).describe('Epochs after a drop in which none is counted as without improvement'),
  floor: fraction.default(0).describe('Multiplier that the rate never falls below, 0..1'),
  watch: z.enum(['validationLoss', 'loss']).default('validationLoss').describe('The loss that is to fall'),
});

/**
 * multiplier = factor ^ drops: one drop whenever the loss has not fallen below best * (1 - threshold) in more than `patience`
 * epochs.
 *
 * Goes through the epochs of the phase each time and keeps nothing, so that a resumed run drops where an unbroken one would.
 * Source: He et al. 2016, "Deep residual learning", section 3.4 ("divided by 10 when the error plateaus"); the same numbers as
 * `torch.optim.lr_scheduler.ReduceLROnPlateau`.
 */
@schedule({
  name: 'reduce-on-plateau',
  summary: 'Drop the rate whenever the validation loss has stopped falling',
  reference: 'He et al. 2016, Deep residual learning for image recognition, section 3.4',
  options: schema,
})
export class ReduceOnPlateau implements Schedule {
  @options() readonly options!: z.infer<typeof schema>;

  at(_position: number, { history }: { step: number; epoch: number; history: readonly EpochRecord[] }): number {
    const { factor, patience, threshold, cooldown, floor, watch } = this.options;
    let [best, waited, resting, multiplier] = [Infinity, 0, 0, 1];
    for (const { [watch]: loss } of history) {
      if (loss < best * (1 - threshold)) [best, waited] = [loss, 0];
      else waited += 1;
      if (resting > 0) [resting, waited] = [resting - 1, 0];
      if (waited > patience) {
        multiplier = Math.max(floor, multiplier * factor);
        [resting, waited] = [cooldown, 0];
      }
    }
    return multiplier;
  }
}
