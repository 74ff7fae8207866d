import {
  compareInitializers as studyInitializers, compareStrategies as studyStrategies, optimizerPaths, studyPlugin, trainingCurves, type InitializerStudyOptions, type InitializerTrial, type OptimizerPath,
  type ComparedStrategy, type StrategyComparisonOptions, type TrainingCurve,
} from '@cultivar/study';
import { resolve } from 'node:path';
import { trainingRequest, type FineTuneOptions } from './fine-tune.js';
import { openKernel } from './kernel.js';
import { freshFolder, intoFolder, nameOfData } from './output-folder.js';
import { resolveReference, type Reference } from './references.js';
import { servicesOf, type Surroundings } from './services.js';
import { checkSettings, type Settings } from './settings.js';
import { SettingUse } from '@cultivar/training';
import { tellUnused, unusedOptions, type Warned } from './unused-settings.js';
import { readyBackend } from './tensorflow.js';

export interface CompareInitializersOptions extends Omit<InitializerStudyOptions, 'initializers'>, Pick<Surroundings, 'plugins' | 'config' | 'logger'> {
  initializers?: readonly Reference[];
}

/**
 * What initializers make of a deep network before training: outputs and gradients of each layer.
 * @throws CultivarError CONTRIBUTION_UNKNOWN, OPTION_INVALID
 */
export async function compareInitializers({ initializers, plugins, config, logger, ...options }: CompareInitializersOptions = {}): Promise<InitializerTrial[]> {
  const { kernel } = await openKernel({ plugins, config, logger });
  await readyBackend();
  return studyInitializers(kernel, { ...options, initializers: initializers?.map(resolveReference) });
}

export interface CompareOptimizersOptions extends Surroundings, Pick<Settings, 'backbone' | 'engine' | 'epochs' | 'batchSize' | 'maxPixels' | 'seed' | 'strategy' | 'split' | 'classFolders' | 'csv'> {
  /** Default all that are loaded. */
  optimizers?: readonly Reference[];
  /** Images to train on as well; absent: surfaces alone. */
  data?: string;
}

export interface OptimizerComparison extends Warned {
  paths: OptimizerPath[];
  /** Empty without data. */
  curves: TrainingCurve[];
}

/**
 * Where optimizers go: on surfaces of two variables, and on images where a folder of them is given.
 * @throws CultivarError CONTRIBUTION_UNKNOWN, OPTION_INVALID, and as `fineTune()` does
 */
export async function compareOptimizers(options: CompareOptimizersOptions = {}): Promise<OptimizerComparison> {
  const { optimizers, data, plugins, config, logger, progress, signal, asOptions, ...given } = options;
  const { kernel, settings, configPath } = await openKernel({ plugins: [studyPlugin, ...(plugins ?? [])], config, logger });
  await readyBackend();
  const references = optimizers?.map(resolveReference) ?? kernel.catalogue.list('optimizer').map(({ name }) => ({ name }));
  const paths = await optimizerPaths(kernel, references);
  if (data === undefined) return { paths, curves: [], warnings: unusedOptions(given, 'without data, paths on surfaces are all there is', { logger, asOptions }) };
  const request = trainingRequest({ backbone: settings.backbone, engine: settings.engine, ...stated(given), out: '.' }, data);
  const use = new SettingUse();
  const curves = await trainingCurves(kernel, references, request, { ...servicesOf({ logger, progress, signal }), use });
  return { paths, curves, warnings: tellUnused(use, { given, configured: { backbone: settings.backbone, engine: settings.engine }, configPath, asOptions }, { logger }) };
}

export interface CompareStrategiesOptions extends Omit<FineTuneOptions, 'data' | 'strategy' | 'onEvent' | 'onProgress' | 'plugins' | 'config' | 'ensemble'>, Surroundings {
  /** The first is what the others are compared to. Default linear-probe, stage-probe, head2toe, fine-tune-top and fine-tune-deep. */
  strategies?: readonly Reference[];
  /** Train on so many images of each class at most; they are measured on the same images all the same. */
  perClass?: number;
  /** Told of each strategy that has ended. */
  finished?: StrategyComparisonOptions['finished'];
}

const usual = ['linear-probe', 'stage-probe', 'head2toe', 'fine-tune-top', 'fine-tune-deep'];

/**
 * What each strategy comes to on the same images: one training after the other, with the same split and seed; the frozen backbone's features are
 * computed once. Each is written down as it ends, in `out`; with `resume` those that are there are not run again.
 * @param data folder of images or CSV file
 * @throws CultivarError as `fineTune()` does; OUTPUT_EXISTS, RESUME_NOTHING, RESUME_MISMATCH
 */
export async function compareStrategies(data: string, options: CompareStrategiesOptions = {}): Promise<Warned & { strategies: ComparedStrategy[]; out: string }> {
  const { strategies = usual, perClass, finished, plugins, config, logger, progress, signal, asOptions, out, resume, ...given } = options;
  const { kernel, settings: configured, configPath } = await openKernel({ plugins, config, logger });
  const checked = checkSettings({ ...given }, 'given to compareStrategies()');
  const compared = strategies.map(resolveReference);
  await readyBackend();
  const folder = out === undefined ? freshFolder(`compare-strategies-${nameOfData(data)}`, process.cwd()) : resolve(out);
  return intoFolder(folder, out, async () => {
    const request = trainingRequest({ ...configured, ...checked, resume: false, out: folder }, data);
    const use = new SettingUse();
    const found = await studyStrategies(kernel, { ...request, ...(perClass !== undefined && { perClass }), resume }, { ...servicesOf({ logger, progress, signal }), use }, { strategies: compared, finished });
    const aside = { strategy: 'the strategies that are compared are named on their own', ensemble: 'each strategy makes a single model' };
    return { strategies: found, out: folder, warnings: tellUnused(use, { given: checked, configured, configPath, asOptions }, { logger, aside }) };
  });
}

/** Without what is undefined, which would hide a default. */
function stated<Given extends object>(given: Given): Partial<Given> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Partial<Given>;
}
