import { figure, significant } from '@cultivar/sdk';
import type { Kernel } from '@cultivar/kernel';
import type { TrainingRequest, TrainingServices } from '@cultivar/training';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stoppedAsOne } from '../stopped.js';
import { shortTraining, type StepRecord } from './short-training.js';
import { smoothed } from './smoothed.js';

export interface RateStudyOptions {
  /** Lowest and highest rate. Default 1e-5 and 1. */
  from?: number;
  to?: number;
  /** Epochs of the range test. Default 5. */
  rangeEpochs?: number;
  /** Epochs at each rate of the sweep. Default 2. */
  sweepEpochs?: number;
}

export interface RateTrial {
  rate: number;
  /** Of the training images in the last epoch, and of the validation images after it; null where it diverged. */
  loss: number | null;
  validationLoss: number | null;
  validationAccuracy: number | null;
}

export interface RateStudy {
  /** The rate to try first; null where every one of the sweep ends worse than guessing. */
  suggestion: number | null;
  /** Why, in a sentence. */
  reason: string;
  /** The range test: a rate and a loss for each step, and the loss smoothed. */
  range: (StepRecord & { smoothed: number })[];
  /** Where the smoothed loss of the range test was lowest. */
  lowest: number;
  /** The first rate at which it had risen to four times that, or was no longer a number; absent: not within the range. */
  limit?: number;
  /** Rates a power of ten apart. */
  sweep: RateTrial[];
}

/** How far the smoothed loss may rise above its lowest before the range test ends; as fast.ai has it. */
const tooHigh = 4;
/** Steps before which the smoothed loss says nothing. */
const settling = 10;

/**
 * Finds a learning rate for the first train phase of a strategy: a sweep by powers of ten, each trained for a few epochs from
 * the same start, and a range test, in which the rate rises with each step. Suggests the rate of the sweep with
 * the lowest validation loss, a third of it where the range test broke down within ten times that; none where even that is worse than guessing.
 * Source: the CS231n notes, "Neural networks 3: hyperparameter optimization"; Smith 2017, section 3.3.
 * @param request `strategy` default `fine-tune-top`; its schedule, rate and number of epochs are not used
 * @throws CultivarError as `train` does; STUDY_ABORTED; PLAN_INVALID where the strategy trains nothing by steps
 */
export function findRate(kernel: Kernel, request: Omit<TrainingRequest, 'out'>, services: TrainingServices, options: RateStudyOptions = {}): Promise<RateStudy> {
  return stoppedAsOne(services.signal, undefined, () => search(kernel, request, services, options));
}

async function search(kernel: Kernel, request: Omit<TrainingRequest, 'out'>, services: TrainingServices, options: RateStudyOptions): Promise<RateStudy> {
  const { from = 1e-5, to = 1, rangeEpochs = 5, sweepEpochs = 2 } = options;
  const folder = await mkdtemp(join(tmpdir(), 'cultivar-rate-'));
  const own = { strategy: { name: 'fine-tune-top' }, ...request };
  try {
    const range = await rangeTest(kernel, { ...own, epochs: rangeEpochs, learningRate: to, schedule: { name: 'range-test', from: from / to, to: 1 } }, folder, services);
    const sweep: RateTrial[] = [];
    let chance = Infinity;
    const rates = powersOfTen(from, to);
    for (const [index, rate] of rates.entries()) {
      services.logger.info(`Sweep, rate ${rate}: ${index + 1} of ${rates.length}.`);
      const { epochs, diverged, guessing } = await shortTraining(kernel, { request: { ...own, epochs: sweepEpochs, learningRate: rate, schedule: { name: 'constant' } }, folder }, services);
      chance = guessing;
      const last = diverged ? undefined : epochs.at(-1);
      sweep.push({ rate, loss: last?.loss ?? null, validationLoss: last?.validationLoss ?? null, validationAccuracy: last?.validationAccuracy ?? null });
    }
    return { ...suggest(sweep, range, chance), ...range, sweep };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type Range = Pick<RateStudy, 'range' | 'lowest' | 'limit'>;

async function rangeTest(kernel: Kernel, request: Omit<TrainingRequest, 'out'>, folder: string, services: TrainingServices): Promise<Range> {
  services.logger.info(`Range test: the rate rises with each step, up to ${request.learningRate}.`);
  const risen = (steps: readonly StepRecord[]) => {
    const losses = smoothed(steps.map(({ loss }) => loss));
    return losses.length > settling && losses.at(-1)! > tooHigh * Math.min(...losses.slice(settling - 1));
  };
  const { steps, diverged } = await shortTraining(kernel, { request, folder, enough: risen }, services);
  const losses = smoothed(steps.map(({ loss }) => loss));
  const lowest = losses.reduce((best, loss, index) => (index >= Math.min(settling, losses.length) - 1 && loss < losses[best]! ? index : best), Math.min(settling, losses.length) - 1);
  return {
    range: steps.map((step, index) => ({ ...step, smoothed: losses[index]! })),
    lowest: steps[lowest]?.learningRate ?? request.learningRate!,
    ...((diverged || risen(steps)) && { limit: steps.at(-1)?.learningRate ?? request.learningRate! }),
  };
}

/** @param guessing log-loss of one who guesses */
export function suggest(sweep: readonly RateTrial[], { lowest, limit }: Pick<Range, 'lowest' | 'limit'>, guessing = Infinity): Pick<RateStudy, 'suggestion' | 'reason'> {
  const held = sweep.filter((trial): trial is RateTrial & { validationLoss: number } => trial.validationLoss !== null);
  if (held.length === 0) return { suggestion: lowest / 10, reason: 'every rate of the sweep diverged; a tenth of the rate at which the range test was lowest' };
  const { rate, validationLoss } = held.reduce((best, trial) => (trial.validationLoss < best.validationLoss ? trial : best));
  const tried = sweep.map((trial) => trial.rate).join(', ');
  if (validationLoss > guessing) return { suggestion: null, reason: `of ${tried} each ends worse than guessing (${figure(guessing)}); the best is ${rate}, with a validation loss of ${figure(validationLoss)}: try other rates (--from, --to) or train longer at each (--sweep-epochs)` };
  const lead = `of ${tried} it ends at the lowest validation loss, ${figure(validationLoss)}`;
  if (limit !== undefined && limit < 10 * rate) return { suggestion: rate / 3, reason: `a third of ${rate}: ${lead}, but the range test broke down at ${significant(limit)}` };
  const edge = sweep.length > 1 && (rate === sweep[0]!.rate || rate === sweep.at(-1)!.rate) ? '; it lies at the edge of what was tried, there may be better ones beyond it' : '';
  return { suggestion: rate, reason: `${lead}${limit === undefined ? '' : `; the range test broke down at ${significant(limit)}`}${edge}` };
}

/** Every power of ten within the range; where there is none, its middle. */
export function powersOfTen(from: number, to: number): number[] {
  const first = Math.ceil(Math.log10(from) - 1e-9);
  const last = Math.floor(Math.log10(to) + 1e-9);
  if (last < first) return [Number(significant(Math.sqrt(from * to)))];
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => Number(`1e${first + index}`));
}
