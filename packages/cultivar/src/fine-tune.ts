import { resolve } from 'node:path';
import { failure, z, type ContributionReference, type Logger, type Progress } from '@cultivar/sdk';
import { trainEnsemble } from '@cultivar/ensemble';
import { train, type TrainingEvent, type TrainingRequest, type TrainingResult } from '@cultivar/training';
import { checkArguments, checkThere, listener, onEvent, pathSchema, surroundings, type Path } from './arguments.js';
import type { PluginEntry } from './define-config.js';
import { openKernel } from './kernel.js';
import { freshFolder, intoFolder, outputRoot, unfinishedFolder } from './output-folder.js';
import { progressEvents, type ProgressEvent } from './progress-events.js';
import { readingOf } from './reading.js';
import { changedSince, settingsOf } from './repeated-run.js';
import { resolveReference, type Reference } from './references.js';
import { servicesOf, stoppable } from './services.js';
import { settingsSchema, type GivenSettings, type Settings } from './settings.js';
import { readyBackend } from './tensorflow.js';
import { unusedConfiguration, writtenAs } from './unused-settings.js';

/** What `fineTune()` takes: the settings of a run, and how it is watched and stopped. */
export interface FineTuneOptions extends GivenSettings {
  /** Plugins beyond the built-in ones: package names, paths, or plugin objects. */
  plugins?: readonly PluginEntry[];
  /** Folder of a bundle whose run is repeated: its settings and its data hold where none are given here. It loads no plugins; name those that are needed. */
  from?: Path;
  /** Configuration file, whose settings hold where none is given here; `true`: the one in the working folder, if any. Default `false`: none. */
  config?: Path | boolean;
  /** Stops the run at the next step, with the best model so far saved. */
  signal?: AbortSignal;
  /** Told of everything that happens, in order. Where it throws, or rejects, the run stops at the next step and the call is rejected with that; `resume` goes on with it. The call waits for what it returns, once `signal` has aborted no longer than a second. */
  onEvent?: (event: TrainingEvent) => void | Promise<void>;
  /** Told of what is said. Default silent. */
  logger?: Logger;
  /** Told how far long work has come, at most ten times a second. */
  onProgress?: (event: ProgressEvent) => void | Promise<void>;
}

/** What became of a run; `bundle` is the folder that `load()` opens. */
export type FineTuneResult = TrainingResult;

/**
 * Fine-tunes a pretrained network on a folder of images.
 * @returns the finished run; the model lies in `bundle`
 * @throws CultivarError, with a code of the error catalogue, for whatever the caller can mend
 */
export async function fineTune(options: FineTuneOptions): Promise<FineTuneResult> {
  const { plugins, from, config, signal, onEvent: told, onProgress, logger, ...given } = checkArguments(schema, options, 'fineTune()');
  return runTraining(given, { plugins, from, config, signal, onEvent: told, logger, onProgress });
}

const schema = z.strictObject({
  ...settingsSchema.shape, onEvent, onProgress: listener<ProgressEvent>(),
  plugins: surroundings.plugins, from: pathSchema, config: surroundings.config, signal: surroundings.signal, logger: surroundings.logger,
} satisfies Record<keyof FineTuneOptions, z.ZodType>).partial();

/** What surrounds a run. */
export type Surroundings = Pick<FineTuneOptions, 'plugins' | 'signal' | 'onEvent' | 'onProgress' | 'logger'> & {
  /** As in {@link FineTuneOptions}. */
  from?: string;
  progress?: Progress;
  /** As in {@link FineTuneOptions}. */
  config?: string | boolean;
  /** The settings were given as options of the command line. */
  asOptions?: boolean;
};

/** A run of checked settings; those of the configuration file hold where none is given. */
export async function runTraining(given: Settings, { plugins, from, config, onProgress, asOptions, ...around }: Surroundings): Promise<FineTuneResult> {
  let out = given.out ?? outputRoot;
  return stoppable(around, (cause) => failure('RUN_ABORTED', { path: out }, cause), async (attendance) => {
    if (given.data !== undefined) checkThere(given.data);
    const { kernel, settings: ofFile, configPath } = await openKernel({ plugins, config, logger: attendance.logger });
    const repeated = from === undefined ? undefined : await settingsOf(from, kernel);
    const displaced = repeated ? unusedConfiguration({ given, configured: ofFile, configPath }, `the settings of the run in ${from} are taken`, attendance.logger) : [];
    const configured = repeated ? {} : ofFile;
    const settings: Settings = { ...repeated, ...configured, ...given };
    if (settings.data === undefined) throw failure('COMMAND_INVALID', { reason: 'No data was given: a folder of images or a CSV file is needed' });
    checkThere(settings.data);
    const request = trainingRequest(settings, settings.data);
    out = request.out;
    const ensemble = one(settings.ensemble);
    const services = { ...servicesOf(attendance), written: writtenAs({ given, configured, configPath, asOptions }), ...(onProgress && { progress: progressEvents(attendance.hear(onProgress)) }) };
    return intoFolder(request.out, settings.out, async () => {
      await readyBackend();
      const result = await (ensemble ? trainEnsemble(kernel, { ...request, ensemble }, services) : train(kernel, request, services));
      const changed = from === undefined ? [] : await changedSince(from, result.bundle, given);
      for (const { message } of changed) attendance.logger.warn(message);
      return { ...result, warnings: [...displaced, ...changed, ...result.warnings] };
    });
  });
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
