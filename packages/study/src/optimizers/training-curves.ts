import { written } from '@cultivar/kernel';
import type { Kernel } from '@cultivar/kernel';
import type { ContributionReference, EpochRecord } from '@cultivar/sdk';
import type { TrainingRequest, TrainingServices } from '@cultivar/training';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shortTraining, type StepRecord } from '../rates/short-training.js';
import { smoothed } from '../rates/smoothed.js';
import { stoppedAsOne } from '../stopped.js';

export interface TrainingCurve {
  optimizer: string;
  /** The best of those tried; null where it diverged at all of them, and has no steps and epochs. */
  rate: number | null;
  /** The others, and where they ended: the smoothed loss of the last step; null where it diverged. */
  tried: { rate: number; loss: number | null }[];
  steps: (StepRecord & { smoothed: number })[];
  epochs: EpochRecord[];
}

/** Rates a power of ten apart; one would do for adadelta, which does not look at it. */
const rates = [1e-4, 1e-3, 1e-2, 1e-1];

/**
 * Trains the last stages and a fresh classifier on images, from the same start and with the same batches with each optimizer, at
 * the rate of 1e-4 to 0.1 that ends at the lowest training loss.
 * @param request `strategy` default `fresh-head`; 5 epochs, unless it says otherwise
 * @throws CultivarError as `train` does; STUDY_ABORTED
 */
export function trainingCurves(kernel: Kernel, optimizers: readonly ContributionReference[], request: Omit<TrainingRequest, 'out'>, services: TrainingServices): Promise<TrainingCurve[]> {
  return stoppedAsOne(services.signal, undefined, () => curvesOf(kernel, optimizers, request, services));
}

async function curvesOf(kernel: Kernel, optimizers: readonly ContributionReference[], request: Omit<TrainingRequest, 'out'>, services: TrainingServices): Promise<TrainingCurve[]> {
  const folder = await mkdtemp(join(tmpdir(), 'cultivar-optimizers-'));
  const own = { strategy: { name: 'fresh-head' }, epochs: 5, schedule: { name: 'constant' }, ...request };
  try {
    const curves: TrainingCurve[] = [];
    for (const optimizer of optimizers) {
      const trials: TrainingCurve[] = [];
      const tried: TrainingCurve['tried'] = [];
      for (const rate of optimizer.name === 'adadelta' ? [1] : rates) {
        services.logger.info(`${written(optimizer)} at rate ${rate}.`);
        const { steps, epochs, diverged } = await shortTraining(kernel, { request: { ...own, optimizer, learningRate: rate }, folder }, services);
        const losses = smoothed(steps.map(({ loss }) => loss));
        tried.push({ rate, loss: diverged ? null : losses.at(-1) ?? null });
        if (!diverged) trials.push({ optimizer: written(optimizer), rate, tried, epochs, steps: steps.map((step, index) => ({ ...step, smoothed: losses[index]! })) });
      }
      if (trials.length === 0) services.logger.warn(`${written(optimizer)} diverged at every rate that was tried (${tried.map(({ rate }) => rate).join(', ')}): it has no curve.`);
      curves.push(trials.length === 0 ? { optimizer: written(optimizer), rate: null, tried, steps: [], epochs: [] } : trials.reduce((best, trial) => (trial.steps.at(-1)!.smoothed < best.steps.at(-1)!.smoothed ? trial : best)));
    }
    return curves;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
