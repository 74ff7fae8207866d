import { scanDataset } from '@cultivar/data';
import { written } from '@cultivar/kernel';
import type { Kernel } from '@cultivar/kernel';
import { failure, isCultivarError, type ContributionReference } from '@cultivar/sdk';
import { makeFolder } from '@cultivar/sdk/internal';
import { train, type Interval, type TrainingRequest, type TrainingServices } from '@cultivar/training';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { inStudyFolder } from '../study-folder.js';
import { pairedDifference, type Answers, type Difference } from './paired-difference.js';
import { StrategyRecord, type EndedStrategy } from './strategy-record.js';

/** What a strategy came to on the images that all of them are measured on. */
export interface StrategyTrial {
  /** As on the command line. */
  strategy: string;
  /** The one that made the plan, where that is another. */
  chose?: string;
  images: number;
  /** 0..1; null where training diverged. */
  accuracy: number | null;
  /** Mean log-loss; null where training diverged. */
  loss: number | null;
  /** 95 % of a percentile bootstrap over the images. */
  intervals?: { accuracy: Interval; loss: Interval };
  /** Until the plan was made: the pass of the frozen backbone where the features were not there yet, little where they were. */
  featureSeconds: number;
  /** From the plan to the bundle. */
  seconds: number;
  /** A phase that trained brought nothing better; what stands is the model before it. */
  undone: boolean;
  /** Path of the bundle. */
  bundle?: string;
  /** Why there are no figures. */
  problem?: string;
}

export interface ComparedStrategy extends StrategyTrial {
  /** How much higher its figures are than those of the strategy named first, on the same images; not of that itself. */
  difference?: { accuracy: Difference; loss: Difference };
}

export interface StrategyComparisonOptions {
  /** As many as one likes, the first is what the others are compared to. */
  strategies: readonly ContributionReference[];
  /** Told of each that has ended. */
  finished?: (trial: StrategyTrial) => void;
}

/**
 * Trains with one strategy after the other: the same split, the same seed, the frozen backbone's features computed once. Each that has
 * ended is written down in a file of its own, `<out>/NAME.json`, its bundle beside it in `<out>/NAME`; with `resume` those that
 * are there are not run again, and one that was broken off goes on.
 * @param request what is the same for all; its `strategy` does not count
 * @throws CultivarError OUTPUT_BUSY, OUTPUT_EXISTS, RESUME_NOTHING, RESUME_MISMATCH, RUN_ABORTED; and what `train` throws, but for TRAINING_DIVERGED
 */
export async function compareStrategies(kernel: Kernel, request: TrainingRequest, services: TrainingServices, { strategies, finished }: StrategyComparisonOptions): Promise<ComparedStrategy[]> {
  const out = resolve(request.out);
  for (const reference of strategies) kernel.catalogue.check('strategy', reference);
  return inStudyFolder(out, { resume: request.resume, signal: services.signal }, () => trainAll(kernel, { ...request, out }, services, { strategies, finished }));
}

async function trainAll(kernel: Kernel, request: TrainingRequest, services: TrainingServices, { strategies, finished }: StrategyComparisonOptions): Promise<ComparedStrategy[]> {
  const { out } = request;
  const featureFolder = join(out, '.features');
  await makeFolder(featureFolder);
  const { contentHash } = await scanDataset(request.data, { reading: request.reading, maximumPixels: request.maxPixels, signal: services.signal });
  const record = new StrategyRecord(out, services.logger, request, contentHash);

  const trials: EndedStrategy[] = [];
  for (const [index, strategy] of strategies.entries()) {
    const kept = await record.read(strategy);
    if (!kept) services.logger.info(`${written(strategy)}: ${index + 1} of ${strategies.length}.`);
    const ended = kept ?? await trainOnce(kernel, { ...request, strategy, featureFolder, featureScope: 'split', splitSeed: request.splitSeed ?? request.seed ?? 0, out: record.folder(strategy) }, services, out);
    if (!kept) await record.write(strategy, ended);
    trials.push(ended);
    finished?.(ended.trial);
  }
  await rm(featureFolder, { recursive: true, force: true });
  const first = trials[0]?.answers;
  return trials.map(({ trial, answers }, index) => {
    if (index === 0 || !first || !answers) return trial;
    if (answers.right.length !== first.right.length) throw failure('RESUME_MISMATCH', { path: out, reason: 'the images have changed since it was begun' });
    return { ...trial, difference: pairedDifference(answers, first) };
  });
}

/** @param study folder of them all, for what is said when it is stopped */
async function trainOnce(kernel: Kernel, request: TrainingRequest & { strategy: ContributionReference }, services: TrainingServices, study: string): Promise<EndedStrategy> {
  const started = performance.now();
  let planned = started;
  let undone = false;
  const answers = new Map<string, Answers>();
  const strategy = written(request.strategy);
  // A run that ended without being written down is done again: what it said of each image is not in its bundle; and what is no run stands in the way.
  if (existsSync(join(request.out, 'cultivar.json')) || !existsSync(join(request.out, '.run'))) await rm(request.out, { recursive: true, force: true });
  try {
    const { metrics, strategy: chose, bundle } = await train(kernel, { ...request, resume: existsSync(join(request.out, '.run')) }, {
      ...services,
      emit: (event) => {
        if (event.type === 'plan') planned = performance.now();
        if (event.type === 'phase-end' && !event.kept) undone = true;
        if (event.type === 'probabilities') answers.set(event.split, answersOf(event));
        services.emit?.(event);
      },
    });
    const { accuracy, loss, images, intervals } = metrics;
    return {
      trial: {
        strategy, ...(chose !== request.strategy.name && { chose }), images, accuracy, loss, ...(intervals && { intervals: { accuracy: intervals.accuracy, loss: intervals.loss } }),
        featureSeconds: (planned - started) / 1000, seconds: (performance.now() - planned) / 1000, undone, bundle,
      },
      answers: answers.get(metrics.split),
    };
  } catch (error) {
    if (isCultivarError(error) && error.code === 'RUN_ABORTED') throw failure('RUN_ABORTED', { path: study }, error);
    if (!isCultivarError(error) || error.code !== 'TRAINING_DIVERGED') throw error;
    return { trial: { strategy, images: 0, accuracy: null, loss: null, featureSeconds: (planned - started) / 1000, seconds: (performance.now() - planned) / 1000, undone, problem: 'diverged' } };
  }
}

/** As in the evaluation: a probability in single precision is held above what is rounded away beside 1. */
const smallest = 2 ** -23;

/** Of the rows of probabilities [N, K]: whether the label's is the highest, and -log of the label's. */
function answersOf({ labels, probabilities: { data, shape: [, classes = 0] } }: { labels: Int32Array; probabilities: { data: Float32Array; shape: number[] } }): Answers {
  const rows = Array.from(labels, (label, row) => ({ label, probabilities: data.subarray(row * classes, (row + 1) * classes) }));
  return {
    right: rows.map(({ label, probabilities }) => (probabilities.indexOf(Math.max(...probabilities)) === label ? 1 : 0)),
    losses: rows.map(({ label, probabilities }) => -Math.log(Math.max(probabilities[label]!, smallest))),
  };
}
