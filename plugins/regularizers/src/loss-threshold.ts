import { significant, nonNegative, options, regularizer, z, type EpochRecord, type Regularizer } from '@cultivar/sdk';

const schema = z.object({
  threshold: nonNegative.default(0.01).describe('Loss at or below which the phase ends'),
  watch: z.enum(['loss', 'validationLoss']).default('loss').describe('Of the training images, penalties included, or of the validation images'),
});

/**
 * Stop when an epoch's loss is at or below the threshold: the lectures' "repeat until the loss is small enough".
 *
 * Source: the oldest of stopping rules, as in Rosenblatt 1958, "The perceptron", which ends when nothing is wrong any more.
 */
@regularizer({
  name: 'loss-threshold',
  summary: 'End the phase when the loss is low enough',
  reference: 'Rosenblatt 1958, The perceptron: a probabilistic model for information storage and organization in the brain',
  options: schema,
})
export class LossThreshold implements Regularizer {
  @options() readonly options!: z.infer<typeof schema>;

  epochEnd(history: readonly EpochRecord[]): { stop: boolean; reason?: string } {
    const { threshold, watch } = this.options;
    const loss = history.at(-1)?.[watch] ?? Infinity;
    if (!(loss <= threshold)) return { stop: false };
    return { stop: true, reason: `${watch === 'loss' ? 'training' : 'validation'} loss is ${significant(loss, 4)}, no more than ${threshold}` };
  }
}
