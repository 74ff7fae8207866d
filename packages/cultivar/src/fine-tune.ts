import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { silentLogger, silentProgress } from '@cultivar/kernel';
import { failure, isCultivarError, type ContributionReference, type Logger, type Progress } from '@cultivar/sdk';
import { trainEnsemble } from '@cultivar/ensemble';
import { train, type TrainingEvent, type TrainingRequest, type TrainingResult } from '@cultivar/training';
import type { PluginEntry } from './define-config.js';
import { openKernel } from './kernel.js';
import { freshFolder, intoFolder, unfinishedFolder } from './output-folder.js';
import { progressEvents, type ProgressEvent } from './progress-events.js';
import { readingOf } from './reading.js';
import { resolveReference, type Reference } from './references.js';
import { checkSettings, type Settings } from './settings.js';
import { readyBackend } from './tensorflow.js';
import { writtenAs } from './unused-settings.js';

/** What `fineTune()` takes: the settings of a run, and how it is watched and stopped. */
export interface FineTuneOptions extends Settings {
  /** Plugins beyond the built-in ones: package names, paths, or plugin objects. */
  plugins?: readonly PluginEntry[];
  /** Configuration file; its settings hold where none is given here. Default `false`: none. */
  config?: string | false;
  /** Stops the run at the next step, with the best model so far saved. */
  signal?: AbortSignal;
  /** Told of everything that happens, in order. */
  onEvent?: (event: TrainingEvent) => void;
  /** Told of what is said. Default silent. */
  logger?: Logger;
  /** Told how far long work has come, at most ten times a second. */
  onProgress?: (event: ProgressEvent) => void;
}

/** What became of a run; `bundle` is the folder that `load()` opens. */
export type FineTuneResult = TrainingResult;

/**
 * Fine-tunes a pretrained network on a folder of images.
 * @returns the finished run; the model lies in `bundle`
 * @throws CultivarError, with a code of the error catalogue, for whatever the caller can mend
 */
export async function fineTune(options: FineTuneOptions): Promise<FineTuneResult> {
  const { plugins, config = false, signal, onEvent, onProgress, logger, ...given } = options;
  const progress = onProgress && progressEvents(onProgress);
  return runTraining(checkSettings(given, 'given to fineTune()'), { plugins, config, signal, onEvent, logger, progress });
}

/** What surrounds a run. */
export type Surroundings = Pick<FineTuneOptions, 'plugins' | 'signal' | 'onEvent' | 'logger'> & {
  progress?: Progress;
  /** As in {@link FineTuneOptions}; absent: the file in the working folder, if any. */
  config?: string | false;
  /** The settings were given as options of the command line. */
  asOptions?: boolean;
};

/** A run of checked settings; those of the configuration file hold where none is given. */
export async function runTraining(given: Settings, around: Surroundings): Promise<FineTuneResult> {
  const { kernel, settings: configured, configPath } = await openKernel({ plugins: around.plugins, config: around.config, logger: around.logger });
  const settings: Settings = { ...configured, ...given };
  if (settings.data === undefined) throw failure('COMMAND_INVALID', { reason: 'No data was given: a folder of images or a CSV file is needed' });
  if (!existsSync(settings.data)) throw failure('DATA_NOT_FOUND', { path: settings.data });
  const request = trainingRequest(settings, settings.data);
  const services = {
    logger: around.logger ?? silentLogger,
    progress: around.progress ?? silentProgress,
    signal: around.signal ?? new AbortController().signal,
    emit: around.onEvent,
    written: writtenAs({ given, configured, configPath, asOptions: around.asOptions }),
  };
  const ensemble = one(settings.ensemble);
  try {
    return await intoFolder(request.out, settings.out, async () => {
      await readyBackend();
      return ensemble ? trainEnsemble(kernel, { ...request, ensemble }, services) : train(kernel, request, services);
    });
  } catch (error) {
    if (around.signal?.aborted && !isCultivarError(error)) throw failure('RUN_ABORTED', { path: request.out }, error);
    throw error;
  }
}

const one = (reference: Reference | undefined): ContributionReference | undefined => (reference === undefined ? undefined : resolveReference(reference));
const many = (references: Reference[] | undefined): ContributionReference[] | undefined => references?.map(resolveReference);

/** @returns the request with every reference resolved and the output folder chosen; where none is given, a fresh one is made for it */
export function trainingRequest(settings: Settings, data: string): TrainingRequest {
  const { resume = false } = settings;
  const request = {
    data: resolve(data), reading: readingOf(settings),
    backbone: one(settings.backbone ?? 'nano'),
    strategy: one(settings.strategy), similarity: one(settings.similarity), solver: one(settings.solver),
    optimizer: one(settings.optimizer), schedule: one(settings.schedule), initializer: one(settings.initializer),
    engine: one(settings.engine),
    augmentations: settings.augment?.length === 1 && settings.augment[0] === 'none' ? [] : many(settings.augment), regularizers: many(settings.regularize),
    metrics: many(settings.metrics), callbacks: many(settings.callbacks), exporters: many(settings.exporters),
    validation: settings.validation, maxPixels: settings.maxPixels, seed: settings.seed, resume,
    epochs: settings.epochs, batchSize: settings.batchSize, learningRate: settings.learningRate, views: settings.views, keep: settings.keep,
    out: settings.out === undefined ? defaultFolder(data, resume) : resolve(settings.out),
  };
  return Object.fromEntries(Object.entries(request).filter(([, value]) => value !== undefined)) as unknown as TrainingRequest;
}

function defaultFolder(data: string, resume: boolean): string {
  const workingFolder = process.cwd();
  if (!resume) return freshFolder(data, workingFolder);
  const folder = unfinishedFolder(data, workingFolder);
  if (folder === undefined) throw failure('RESUME_NOTHING', { path: 'cultivar-out' });
  return folder;
}
