import type { Kernel } from '@cultivar/kernel';
import { failure, isCultivarError, type EpochRecord } from '@cultivar/sdk';
import { train, type TrainingRequest, type TrainingServices } from '@cultivar/training';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** One step of a training. */
export interface StepRecord {
  step: number;
  learningRate: number;
  /** Of the batch before the step. */
  loss: number;
}

export interface ShortTraining {
  /** Of the first train phase. */
  steps: StepRecord[];
  epochs: EpochRecord[];
  /** The loss was no longer a number. */
  diverged: boolean;
  /** Log-loss of one who guesses: log K. */
  guessing: number;
}

export interface ShortTrainingRequest {
  /** `out` and `featureFolder` are those of the study. Nothing augments, unless it is asked for: all trainings then share what the frozen stages make of the images. */
  request: Omit<TrainingRequest, 'out' | 'featureFolder' | 'featureScope' | 'trialFolder'>;
  /** Where runs lie while they last; the frozen backbone's features, and the classifier solved on them, are kept there from one to the next. */
  folder: string;
  /** Asked after each step; ends the training. */
  enough?: (steps: readonly StepRecord[]) => boolean;
}

/**
 * The first train phase of a run, watched step by step; the run ends with it and leaves nothing behind.
 * @throws CultivarError as `train` does, RUN_ABORTED for the caller's own signal, PLAN_INVALID where the plan has no train phase
 */
export async function shortTraining(kernel: Kernel, { request, folder, enough }: ShortTrainingRequest, services: TrainingServices): Promise<ShortTraining> {
  const done = new AbortController();
  const result: ShortTraining = { steps: [], epochs: [], diverged: false, guessing: Infinity };
  const { logger } = services;
  const out = join(folder, 'run');
  const featureFolder = join(folder, 'features');
  await mkdir(featureFolder, { recursive: true });
  let phase: string | undefined;
  try {
    const plain = request.augmentations === undefined && request.views === undefined;
    await train(kernel, { views: 1, ...(plain && { augmentations: [] }), ...request, out, featureFolder, featureScope: 'split', trialFolder: featureFolder, splitSeed: request.splitSeed ?? request.seed ?? 0 }, {
      ...services,
      // What a run says of its model is of no interest here: it is not kept.
      logger: { debug: (message) => logger.debug(message), info: (message) => logger.debug(message), warn: (message) => logger.warn(message) },
      signal: AbortSignal.any([services.signal, done.signal]),
      emit: (event) => {
        if (event.type === 'dataset') result.guessing = Math.log(event.classes.length);
        if (event.type === 'plan') {
          phase = event.plan.phases.find(({ kind }) => kind === 'train')?.name;
          if (phase === undefined) throw failure('PLAN_INVALID', { strategy: event.strategy, reason: 'it trains nothing by steps, so that there is no rate to look at' });
        } else if (event.type === 'step' && event.phase === phase) {
          result.steps.push({ step: event.step, learningRate: event.learningRate, loss: event.loss });
          if (enough?.(result.steps)) done.abort();
        } else if (event.type === 'epoch' && event.record.phase === phase) {
          result.epochs.push(event.record);
        } else if (event.type === 'phase-end' && event.phase === phase) {
          done.abort();
        }
      },
    });
  } catch (error) {
    if (!isCultivarError(error)) throw error;
    if (error.code === 'TRAINING_DIVERGED') result.diverged = true;
    else if (!(error.code === 'RUN_ABORTED' && done.signal.aborted && !services.signal.aborted)) throw error;
  } finally {
    await rm(out, { recursive: true, force: true });
  }
  return result;
}
