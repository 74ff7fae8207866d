import type { ContributionReference } from '@cultivar/sdk';
import type { TrainingRequest } from '@cultivar/training';
import { requestPrint } from '../request-print.js';

/** What a trial sets; everything else is as in the request that is tuned. */
export type TrialSettings = Partial<Pick<TrainingRequest,
  'learningRate' | 'batchSize' | 'epochs' | 'views' | 'perClass' | 'strategy' | 'optimizer' | 'schedule' | 'augmentations' | 'regularizers' | 'seed'>>;

export interface Trial {
  /** Why it is run, in a word or two: the round or rung. */
  purpose: string;
  settings: TrialSettings;
  /** Data of its own, in place of the request's. */
  data?: string;
}

export interface TrialOutcome {
  /** Lowest validation log-loss after any epoch; infinite where training diverged. What trials are compared by. */
  loss: number;
  /** Of that epoch, 0..1; null where training diverged. */
  accuracy: number | null;
  /** Lowest mean training loss of any epoch. */
  trainLoss: number;
  /** Log-loss of one who guesses: log K; absent where training diverged. */
  guessing?: number;
  seconds: number;
  /** Why there are no figures. */
  problem?: string;
}

export interface FinishedTrial extends Trial {
  id: string;
  outcome: TrialOutcome;
}

/** Runs trials: here one after the other, on this machine; one that hands them to others would do. */
export interface TrialRunner {
  /** @param id names the trial; the same settings have the same */
  run(trial: Trial, id: string): Promise<TrialOutcome>;
}

/** Decides what to try: yields trials, is told what came of each, and ends with the best. */
export type Search = Generator<Trial, FinishedTrial | undefined, FinishedTrial>;

/**
 * The same settings on the same data have the same name, whatever they are tried for.
 * @param request what is tuned: with another, it is another trial
 * @param contentHash of the images that are tuned on
 */
export const trialId = ({ settings, data }: Trial, request: TrainingRequest, contentHash: string): string => requestPrint(request, { settings, data, contentHash });

/** The better of two: the lower loss. */
export const better = (one: FinishedTrial | undefined, other: FinishedTrial): FinishedTrial => (one && one.outcome.loss <= other.outcome.loss ? one : other);

/** A reference with an option set. */
export function withOption(reference: ContributionReference, option: string, value: unknown): ContributionReference {
  return { ...reference, [option]: value };
}
