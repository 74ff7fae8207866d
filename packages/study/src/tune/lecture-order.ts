import { figure, failure } from '@cultivar/sdk';
import { better, withOption, type FinishedTrial, type Search, type Trial, type TrialSettings } from './trial.js';

export interface LectureOptions {
  /** Two classes, a few images of each: to be learned by heart. */
  subset: string;
  /** Classes of that subset, and what its training loss must fall below to count as learned. */
  subsetLoss: number;
  base: TrialSettings;
  /** Whether the optimizer has an option weightDecay. */
  decays: boolean;
  /** Epochs of a coarse trial, and of a fine one. */
  coarse: number;
  fine: number;
}

const decades = [1e-5, 1e-4, 1e-3, 1e-2, 1e-1];

/**
 * The order of the lectures: first learn two classes of a few images by heart, to see that it can learn at all, without a penalty; then
 * the rate by factors of ten in a few epochs, then finer around the best; then the batch size, then the weight decay.
 * Source: Stanford CS231n notes, "Neural networks 3: babysitting the learning process, hyperparameter optimization".
 * @throws CultivarError TUNE_LEARNS_NOTHING where not even that can be learned by heart
 */
export function* lectureOrder({ subset, subsetLoss, base, decays, coarse, fine }: LectureOptions): Search {
  const optimizer = base.optimizer ?? { name: 'adam' };
  const plain: TrialSettings = { ...base, optimizer: decays ? withOption(optimizer, 'weightDecay', 0) : optimizer, regularizers: [], augmentations: [] };

  let heart: FinishedTrial | undefined;
  for (const learningRate of [1e-3, 1e-2, 1e-4]) {
    const trial: FinishedTrial = yield { purpose: 'by heart', data: subset, settings: { ...plain, learningRate, epochs: 4 * fine } };
    if (!heart || trial.outcome.trainLoss < heart.outcome.trainLoss) heart = trial;
    if (heart.outcome.trainLoss < subsetLoss) break;
  }
  if (!heart || !(heart.outcome.trainLoss < subsetLoss)) {
    throw failure('TUNE_LEARNS_NOTHING', { loss: figure(heart?.outcome.trainLoss, 3), least: figure(subsetLoss, 3) });
  }

  let best = (yield* each('rate, by ten', decades.map((learningRate) => ({ ...plain, learningRate, epochs: coarse }))))!;
  const centre = best.settings.learningRate!;
  best = (yield* each('rate, finer', [0.2, 0.5, 1, 2, 5].map((factor) => ({ ...plain, learningRate: Number((centre * factor).toPrecision(2)), epochs: fine }))))!;
  // Larger batches take fewer steps and bear larger rates.
  best = (yield* each('batch size', [8, 16, 32, 64].map((batchSize) => ({ ...best.settings, batchSize }))))!;
  if (decays) best = (yield* each('weight decay', [0, 1e-5, 1e-4, 1e-3, 1e-2].map((decay) => ({ ...best.settings, optimizer: withOption(optimizer, 'weightDecay', decay) }))))!;
  // What was left out to see clearly is put back.
  return { ...best, settings: { ...best.settings, ...(base.augmentations ? { augmentations: base.augmentations } : {}), ...(base.regularizers ? { regularizers: base.regularizers } : {}) } };
}

function* each(purpose: string, settings: readonly TrialSettings[]): Generator<Trial, FinishedTrial | undefined, FinishedTrial> {
  let best: FinishedTrial | undefined;
  for (const one of settings) best = better(best, yield { purpose, settings: one });
  return best;
}
