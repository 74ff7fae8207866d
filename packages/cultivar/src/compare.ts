import { z, type Logger } from '@cultivar/sdk';
import {
  compareInitializers as studyInitializers, compareStrategies as studyStrategies, optimizerPaths, studyPlugin, trainingCurves, type InitializerStudyOptions, type InitializerTrial, type OptimizerPath,
  type ComparedStrategy, type StrategyTrial, type TrainingCurve,
} from '@cultivar/study';
import { displacedOptions, SettingUse, unusedWarning, type RunWarning, type TrainingRequest } from '@cultivar/training';
import { checkArguments, checkPath, checkThere, listener, pathSchema, surroundings, type Path } from './arguments.js';
import { trainingRequest } from './fine-tune.js';
import { openKernel } from './kernel.js';
import { intoFolder, studyFolder } from './output-folder.js';
import { resolveReference, type Reference } from './references.js';
import { attendedStudy, servicesOf, type Surroundings } from './services.js';
import { references, settingsSchema, type GivenSettings, type Settings } from './settings.js';
import { readyBackend } from './tensorflow.js';
import { optionOf, tellUnused, unusedOptions, writtenSetting, type Warned } from './unused-settings.js';

export interface CompareInitializersOptions extends Omit<InitializerStudyOptions, 'initializers'>, Pick<Surroundings, 'plugins' | 'config' | 'logger'> {
  initializers?: readonly Reference[];
}

const initializersSchema = z.strictObject({
  plugins: surroundings.plugins, config: surroundings.config, logger: surroundings.logger,
  initializers: references, activations: z.array(z.enum(['tanh', 'relu'])), seed: settingsSchema.shape.seed.unwrap(),
  layers: z.int().min(1).max(1000), units: z.int().min(1).max(4096), samples: z.int().min(1).max(65_536),
} satisfies Record<keyof CompareInitializersOptions, z.ZodType>).partial()
  .refine(({ layers = 10, units = 256, samples = 512 }) => layers * units * (units + samples) <= 2e8, 'layers, units and samples make a network of more than 200 million numbers');

/**
 * What initializers make of a deep network before training: outputs and gradients of each layer.
 * @throws CultivarError CONTRIBUTION_UNKNOWN, OPTION_INVALID
 */
export async function compareInitializers(options?: CompareInitializersOptions): Promise<InitializerTrial[]> {
  const { initializers, plugins, config, logger, ...given } = checkArguments(initializersSchema, options, 'compareInitializers()');
  return attendedStudy({ logger }, async (attendance) => {
    const { kernel } = await openKernel({ plugins, config, counts: [], logger: attendance.logger });
    await readyBackend();
    return studyInitializers(kernel, { ...given, initializers: initializers?.map(resolveReference) });
  });
}

export interface CompareOptimizersOptions extends Surroundings, Pick<GivenSettings, 'backbone' | 'engine' | 'epochs' | 'batchSize' | 'maxPixels' | 'seed' | 'strategy' | 'split' | 'classFolders' | 'csv'> {
  /** Default all that are loaded. */
  optimizers?: readonly Reference[];
  /** Images to train on as well; absent: surfaces alone. */
  data?: Path;
}

const { backbone, engine, epochs, batchSize, maxPixels, seed, strategy, split, classFolders, csv } = settingsSchema.shape;
const optimizersSchema = z.strictObject({
  ...surroundings, optimizers: references, data: pathSchema, backbone, engine, epochs, batchSize, maxPixels, seed, strategy, split, classFolders, csv,
} satisfies Record<keyof CompareOptimizersOptions, z.ZodType>).partial();

/** Settings of a configuration that count where images are trained on; its strategy is for other trainings. */
const ofCurves = ['backbone', 'engine', 'epochs', 'batchSize', 'maxPixels', 'seed', 'split', 'classFolders', 'csv'] as const;

export interface OptimizerComparison extends Warned {
  paths: OptimizerPath[];
  /** Empty without data. */
  curves: TrainingCurve[];
}

/**
 * Where optimizers go: on surfaces of two variables, and on images where a folder of them is given.
 * @throws CultivarError CONTRIBUTION_UNKNOWN, OPTION_INVALID, and as `fineTune()` does
 */
export async function compareOptimizers(options?: CompareOptimizersOptions, asOptions = false): Promise<OptimizerComparison> {
  const { optimizers, data, plugins, config, logger, progress, signal, ...given } = checkArguments(optimizersSchema, options, 'compareOptimizers()');
  return attendedStudy({ logger, progress, signal }, async (attendance) => {
    if (data !== undefined) checkThere(data);
    const { kernel, settings, configPath } = await openKernel({ plugins: [studyPlugin, ...(plugins ?? [])], config, counts: data === undefined ? [] : ofCurves, logger: attendance.logger });
    await readyBackend();
    const chosen = optimizers?.map(resolveReference) ?? kernel.catalogue.list('optimizer').map(({ name }) => ({ name }));
    const paths = await optimizerPaths(kernel, chosen);
    if (data === undefined) return { paths, curves: [], warnings: unusedOptions(given, 'without data, paths on surfaces are all there is', { logger: attendance.logger, asOptions }) };
    const configured: Settings = Object.fromEntries(Object.entries(settings).filter(([name]) => (ofCurves as readonly string[]).includes(name)));
    const request = trainingRequest({ ...configured, ...given, out: '.' }, data);
    const use = new SettingUse();
    const curves = await trainingCurves(kernel, chosen, request, { ...servicesOf(attendance), use });
    return { paths, curves, warnings: tellUnused(use, { given, configured, configPath, asOptions }, { logger: attendance.logger }) };
  });
}

export interface CompareStrategiesOptions extends Omit<GivenSettings, 'data' | 'strategy' | 'ensemble'>, Surroundings {
  /** The first is what the others are compared to. Default linear-probe, stage-probe, head2toe, fine-tune-top and fine-tune-deep. */
  strategies?: readonly Reference[];
  /** Train on so many images of each class at most; they are measured on the same images all the same. */
  perClass?: number;
  /** Told of each strategy that has ended. */
  finished?: (trial: StrategyTrial) => void | Promise<void>;
}

const strategiesSchema = z.strictObject({
  ...settingsSchema.omit({ data: true, strategy: true, ensemble: true }).shape, ...surroundings, strategies: references.min(1), perClass: z.int().min(1), finished: listener<StrategyTrial>(),
} satisfies Record<keyof CompareStrategiesOptions, z.ZodType>).partial();
const usual = ['linear-probe', 'stage-probe', 'head2toe', 'fine-tune-top', 'fine-tune-deep'];

/**
 * What each strategy comes to on the same images: one training after the other, with the same split and seed; the frozen backbone's features are
 * computed once. Each is written down as it ends, in `out`; with `resume` those that are there are not run again.
 * @param data folder of images or CSV file
 * @throws CultivarError as `fineTune()` does; OUTPUT_EXISTS, RESUME_NOTHING, RESUME_MISMATCH
 */
export async function compareStrategies(data: Path, options?: CompareStrategiesOptions, asOptions = false): Promise<Warned & { strategies: ComparedStrategy[]; out: string }> {
  const call = 'compareStrategies()';
  const images = checkPath(data, 'data', call);
  const { strategies = usual, perClass, finished, plugins, config, logger, progress, signal, ...given } = checkArguments(strategiesSchema, options, call);
  return attendedStudy({ logger, progress, signal }, async (attendance) => {
    checkThere(images);
    const { kernel, settings: configured, configPath } = await openKernel({ plugins, config, logger: attendance.logger });
    const { out, resume } = { ...configured, ...given };
    const compared = { strategies: strategies.map(resolveReference), finished: attendance.hear(finished) };
    await readyBackend();
    const folder = studyFolder('compare-strategies', images, { out, resume });
    return intoFolder(folder, out, async () => {
      const request = trainingRequest({ ...configured, ...given, resume: false, out: folder }, images);
      const use = new SettingUse();
      const found = await studyStrategies(kernel, { ...request, ...(perClass !== undefined && { perClass }), resume }, { ...servicesOf(attendance), use }, compared);
      const aside = { strategy: 'the strategies that are compared are named on their own', ensemble: 'each strategy makes a single model' };
      const origins = { given, configured, configPath, asOptions };
      return { strategies: found, out: folder, warnings: [...tellUnused(use, origins, { logger: attendance.logger, aside }), ...displaced(strategies, request, { logger: attendance.logger, asOptions })] };
    });
  });
}

/** Options of the strategies that settings of the runs go before. */
function displaced(strategies: readonly Reference[], request: TrainingRequest, { logger, asOptions }: { logger: Logger; asOptions: boolean }): RunWarning[] {
  return strategies.flatMap((reference) => {
    const strategy = resolveReference(reference);
    return displacedOptions({ ...request, strategy }).map((option) => {
      const said = optionOf(writtenSetting({ given: { strategies: [reference] } as Settings, configured: {}, asOptions }, 'strategies' as keyof Settings), option)!;
      const warning = unusedWarning(said, `the setting ${option} of the run goes before it`);
      logger.warn(warning.message);
      return warning;
    });
  });
}
