import { scanDataset } from '@cultivar/data';
import { createRandom, type Kernel } from '@cultivar/kernel';
import { failure } from '@cultivar/sdk';
import { makeFolder } from '@cultivar/sdk/internal';
import type { TrainingRequest, TrainingServices } from '@cultivar/training';
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { stoppedAsOne } from '../stopped.js';
import { inStudyFolder } from '../study-folder.js';
import { lectureOrder } from './lecture-order.js';
import { LocalRunner } from './local-runner.js';
import { randomSearch } from './random-search.js';
import type { SearchSpace } from './search-space.js';
import { writeSubset } from './subset.js';
import { successiveHalving } from './successive-halving.js';
import { TrialRecord } from './trial-record.js';
import { trialId, type FinishedTrial, type Search, type TrialRunner, type TrialSettings } from './trial.js';

export interface TuneOptions {
  /** `lecture`: the lectures' order, rate, batch size, weight decay. The others search the space that is given. */
  method: 'lecture' | 'random' | 'halving';
  /** For `random` and `halving`; at least one setting. */
  space?: SearchSpace;
  /** Points of a random search or of the first rung. Default 20. */
  trials?: number;
  /** Epochs of a full trial. Default 6. */
  epochs?: number;
  /** Folder of the trials. */
  out: string;
  /** Go on with what is there. */
  resume?: boolean;
  /** Told of each trial that has ended. */
  finished?: (trial: FinishedTrial) => void;
  /** Where trials run. Default this machine. */
  runner?: TrialRunner;
}

export interface TuneResult {
  best: FinishedTrial;
  /** In the order in which they ended. */
  trials: FinishedTrial[];
}

/**
 * Looks for settings of a training that lower the log-loss on its validation images. Every trial is written down as it ends, in
 * `<out>/trials.jsonl`; with `resume` those that are there are not run again.
 * @param request what is tuned; what it sets itself holds where the search does not set it. `data`, `backbone` and `strategy` decide most
 * @throws CultivarError OUTPUT_BUSY, OUTPUT_EXISTS, RESUME_NOTHING, SEARCH_INVALID, TUNE_LEARNS_NOTHING, TUNE_NO_RESULT, RUN_ABORTED; and what `train` throws
 */
export function tune(kernel: Kernel, request: TrainingRequest, services: TrainingServices, options: TuneOptions): Promise<TuneResult> {
  const out = resolve(options.out);
  return stoppedAsOne(services.signal, out, () => inStudyFolder(out, { resume: options.resume, begun: trialsFile, signal: services.signal }, () => tryAll(kernel, request, services, options, out)));
}

async function tryAll(kernel: Kernel, request: TrainingRequest, services: TrainingServices, options: TuneOptions, out: string): Promise<TuneResult> {
  // Before anything is made: what is left behind would stand in the way of the next try.
  if (options.method !== 'lecture' && Object.keys(options.space ?? {}).length === 0) throw failure('SEARCH_INVALID', { search: '', reason: 'no setting to search was given' });
  const work = join(out, '.work');
  await makeFolder(work);
  const record = await TrialRecord.open(join(out, trialsFile), services.logger);
  // Trials of other images are other trials.
  const { contentHash } = await scanDataset(request.data, { reading: request.reading, maximumPixels: request.maxPixels, signal: services.signal });
  const runner = options.runner ?? new LocalRunner(kernel, request, services, work);
  const search = await searchOf(kernel, request, services, options, work);

  const trials: FinishedTrial[] = [];
  let step = search.next();
  while (!step.done) {
    services.signal.throwIfAborted();
    const trial = step.value;
    const id = trialId(trial, request, contentHash);
    let finished = record.get(id);
    if (finished) {
      finished = { ...finished, ...trial };
    } else {
      services.logger.info(`Trial ${trials.length + 1} (${trial.purpose}).`);
      finished = { ...trial, id, outcome: await runner.run(trial, id) };
      await record.add(finished);
    }
    trials.push(finished);
    options.finished?.(finished);
    step = search.next(finished);
  }
  const best = step.value;
  if (!best || !Number.isFinite(best.outcome.loss)) throw failure('TUNE_NO_RESULT', { trials: trials.length });
  await rm(work, { recursive: true, force: true });
  return { best, trials };
}

const trialsFile = 'trials.jsonl';

/** Images of each of the two classes that are to be learned by heart. */
const byHeart = 10;

async function searchOf(kernel: Kernel, request: TrainingRequest, services: TrainingServices, { method, space = {}, trials = 20, epochs = 6 }: TuneOptions, work: string): Promise<Search> {
  const base: TrialSettings = {
    ...(request.optimizer && { optimizer: request.optimizer }), ...(request.regularizers && { regularizers: request.regularizers }), ...(request.augmentations && { augmentations: request.augmentations }),
  };
  const random = createRandom(request.seed ?? 0).child('tune');
  if (method === 'random') return randomSearch(space, { trials, base: { ...base, epochs }, random });
  if (method === 'halving') return successiveHalving(space, { trials, epochs, eta: 3, base, random });
  const subset = await writeSubset(request, work, { classes: 2, perClass: byHeart, random: random.child('subset'), services, maxPixels: request.maxPixels });
  // A tenth of what guessing costs, log 2.
  const { name } = request.optimizer ?? { name: 'adam' };
  const decays = 'weightDecay' in ((kernel.catalogue.get('optimizer', name).jsonSchema() as { properties?: object }).properties ?? {});
  if (!decays) services.logger.warn(`Optimizer ${name} has no option weightDecay: the trials for it are left out.`);
  return lectureOrder({ subset, subsetLoss: 0.1 * Math.log(2), base, decays, coarse: Math.max(1, Math.round(epochs / 3)), fine: epochs });
}
