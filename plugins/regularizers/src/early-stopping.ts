import { significant, count, nonNegative, options, regularizer, z, type EpochRecord, type Regularizer } from '@cultivar/sdk';

const schema = z.object({
  patience: count.default(5).describe('Epochs without improvement after which the phase ends'),
  minimumDelta: nonNegative.default(0).describe('A validation loss counts as better only if it is lower by more than this'),
});

/**
 * Stop when the validation loss of this phase has not fallen below (best - minimumDelta) for `patience` epochs.
 *
 * Looks at the history alone and keeps nothing, so that a resumed run stops where an unbroken one would.
 * A loss that is not a number is no improvement.
 * Source: Prechelt 1998, "Early stopping - but when?", criterion UP; the same epoch as `keras.callbacks.EarlyStopping`.
 */
@regularizer({
  name: 'early-stopping',
  summary: 'End the phase when the validation loss has stopped falling',
  reference: 'Prechelt 1998, Early stopping - but when?',
  options: schema,
})
export class EarlyStopping implements Regularizer {
  @options() readonly options!: z.infer<typeof schema>;

  epochEnd(history: readonly EpochRecord[]): { stop: boolean; reason?: string } {
    const { patience, minimumDelta } = this.options;
    const phase = history.at(-1)?.phase;
    let best = Infinity;
    let waited = 0;
    for (const record of history) {
      if (record.phase !== phase) continue;
      if (record.validationLoss < best - minimumDelta) {
        best = record.validationLoss;
        waited = 0;
      } else {
        waited += 1;
      }
    }
    if (waited < patience) return { stop: false };
    return { stop: true, reason: `validation loss has not fallen below ${significant(best, 4)} for ${waited} epochs` };
  }
}
