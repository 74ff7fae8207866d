import {
  compareInitializers as studyInitializers, optimizerPaths, studyPlugin, trainingCurves, type InitializerStudyOptions, type InitializerTrial, type OptimizerPath,
  type TrainingCurve,
} from '@cultivar/study';
import { trainingRequest } from './fine-tune.js';
import { openKernel } from './kernel.js';
import { resolveReference, type Reference } from './references.js';
import { servicesOf, type Surroundings } from './services.js';
import type { Settings } from './settings.js';
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

export interface CompareOptimizersOptions extends Surroundings, Pick<Settings, 'backbone' | 'engine' | 'epochs' | 'batchSize' | 'seed' | 'strategy'> {
  /** Default all that are loaded. */
  optimizers?: readonly Reference[];
  /** Images to train on as well; absent: surfaces alone. */
  data?: string;
}

export interface OptimizerComparison {
  paths: OptimizerPath[];
  /** Empty without data. */
  curves: TrainingCurve[];
}

/**
 * Where optimizers go: on surfaces of two variables, and on images where a folder of them is given.
 * @throws CultivarError CONTRIBUTION_UNKNOWN, OPTION_INVALID, and as `fineTune()` does
 */
export async function compareOptimizers(options: CompareOptimizersOptions = {}): Promise<OptimizerComparison> {
  const { optimizers, data, plugins, config, logger, progress, signal, ...given } = options;
  const { kernel, settings } = await openKernel({ plugins: [studyPlugin, ...(plugins ?? [])], config, logger });
  await readyBackend();
  const references = optimizers?.map(resolveReference) ?? kernel.catalogue.list('optimizer').map(({ name }) => ({ name }));
  const paths = await optimizerPaths(kernel, references);
  if (data === undefined) return { paths, curves: [] };
  const request = trainingRequest({ backbone: settings.backbone, engine: settings.engine, ...stated(given), out: '.' }, data);
  return { paths, curves: await trainingCurves(kernel, references, request, servicesOf({ logger, progress, signal })) };
}

/** Without what is undefined, which would hide a default. */
function stated<Given extends object>(given: Given): Partial<Given> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Partial<Given>;
}
