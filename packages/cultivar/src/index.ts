/**
 * cultivar, the library: `fineTune()` makes a model from a folder of images, `load()` classifies with it.
 * Loading this module is cheap; what computes is loaded at the first call.
 */
import type { Path } from './arguments.js';
import type { CompareInitializersOptions, CompareOptimizersOptions, CompareStrategiesOptions, OptimizerComparison } from './compare.js';
import type { EvaluateOptions } from './evaluate.js';
import type { FindRateOptions } from './find-rate.js';
import type { FineTuneOptions, FineTuneResult } from './fine-tune.js';
import type { Classifier, LoadOptions } from './load.js';
import type { PreviewOptions } from './preview.js';
import type { TuneOptions } from './tune.js';
import type { Warned } from './unused-settings.js';
import type { ValidationOptions } from './validate.js';
import type { ComparedStrategy, CrossValidation, InitializerTrial, LearningCurvePoint, Preview, RateStudy, TuneResult } from '@cultivar/study';
import type { Evaluation } from '@cultivar/training';

export { CultivarError, definePlugin, isCultivarError } from '@cultivar/sdk';
export type { Assessment, ContributionReference, EpochRecord, FreezePlan, Logger, Phase, Plugin, Preprocessing, Progress } from '@cultivar/sdk';
export type { BundleManifest, Evaluation, RunWarning, TrainingEvent } from '@cultivar/training';
export { defineConfig, type Configuration, type PluginEntry } from './define-config.js';
export type { CompareInitializersOptions, CompareOptimizersOptions, CompareStrategiesOptions, OptimizerComparison } from './compare.js';
export type { EvaluateOptions } from './evaluate.js';
export type { FindRateOptions } from './find-rate.js';
export type { FineTuneOptions, FineTuneResult } from './fine-tune.js';
export type { ImageInput, ImageTensor } from './image-input.js';
export type { Classification } from './classify.js';
export type { Classifier, ClassifyOptions, LoadOptions } from './load.js';
export type { PreviewOptions } from './preview.js';
export type { ProgressEvent } from './progress-events.js';
export type { Reference } from './references.js';
export type { Settings } from './settings.js';
export type { Path } from './arguments.js';
export type { TuneOptions } from './tune.js';
export type { ValidationOptions } from './validate.js';
export { version } from './version.js';

/**
 * Fine-tunes a pretrained network on a folder of images (or a CSV file) and writes a bundle.
 * @throws CultivarError, with a code of the error catalogue, for whatever the caller can mend: ARGUMENT_INVALID where it is called wrongly (as of all functions here)
 */
export async function fineTune(options: FineTuneOptions): Promise<FineTuneResult> {
  return (await import('./fine-tune.js')).fineTune(options);
}

/**
 * Opens a bundle to classify images with.
 * @throws CultivarError BUNDLE_NOT_FOUND, BUNDLE_INVALID, ENGINE_NONE, CONTRIBUTION_UNKNOWN
 */
export async function load(bundle: Path, options?: LoadOptions): Promise<Classifier> {
  return (await import('./load.js')).load(bundle, options);
}

/**
 * Measures a bundle on labelled images of the same classes.
 * @throws CultivarError with a BUNDLE_ or DATA_ code
 */
export async function evaluate(bundle: Path, data: Path, options?: EvaluateOptions): Promise<Evaluation & Warned> {
  return (await import('./evaluate.js')).evaluate(bundle, data, options);
}

/**
 * Draws images of a dataset as augmentations change them: a PNG, a row for each image, the original first.
 * @throws CultivarError with a DATA_ code, CONTRIBUTION_UNKNOWN, OPTION_INVALID
 */
export async function preview(data: Path, options?: PreviewOptions): Promise<Preview> {
  return (await import('./preview.js')).preview(data, options);
}

/**
 * Finds a learning rate for fine-tuning on a folder of images: a sweep by powers of ten and a range test.
 * @throws CultivarError as `fineTune()` does; PLAN_INVALID where the strategy trains nothing by steps
 */
export async function findRate(data: Path, options?: FindRateOptions): Promise<RateStudy & Warned> {
  return (await import('./find-rate.js')).findRate(data, options);
}

/**
 * What initializers make of a deep network before training: outputs and gradients of each layer.
 * @throws CultivarError CONTRIBUTION_UNKNOWN, OPTION_INVALID
 */
export async function compareInitializers(options?: CompareInitializersOptions): Promise<InitializerTrial[]> {
  return (await import('./compare.js')).compareInitializers(options);
}

/**
 * Where optimizers go: on surfaces of two variables, and on images where a folder of them is given.
 * @throws CultivarError CONTRIBUTION_UNKNOWN, OPTION_INVALID, and as `fineTune()` does
 */
export async function compareOptimizers(options?: CompareOptimizersOptions): Promise<OptimizerComparison> {
  return (await import('./compare.js')).compareOptimizers(options);
}

/**
 * What each strategy comes to on the same images, with the paired difference to the first of them.
 * @throws CultivarError as `fineTune()` does; OUTPUT_EXISTS, RESUME_NOTHING, RESUME_MISMATCH
 */
export async function compareStrategies(data: Path, options?: CompareStrategiesOptions): Promise<Warned & { strategies: ComparedStrategy[]; out: string }> {
  return (await import('./compare.js')).compareStrategies(data, options);
}

/**
 * Looks for settings that lower the validation log-loss of a fine-tuning: in the order of the lectures, at random, or by successive halving.
 * @throws CultivarError as `fineTune()` does; SEARCH_INVALID, TUNE_LEARNS_NOTHING, TUNE_NO_RESULT
 */
export async function tune(data: Path, options?: TuneOptions): Promise<TuneResult & Warned & { out: string }> {
  return (await import('./tune.js')).tune(data, options);
}

/**
 * Stratified k-fold cross-validation of a whole training: every image is judged by a model that did not see it.
 * @throws CultivarError as `fineTune()` does
 */
export async function crossValidate(data: Path, options?: ValidationOptions & { folds?: number }): Promise<CrossValidation & Warned & { out: string }> {
  return (await import('./validate.js')).crossValidate(data, options);
}

/**
 * How good a training is with ever more images of each class.
 * @throws CultivarError as `fineTune()` does
 */
export async function learningCurve(data: Path, options?: ValidationOptions & { sizes?: readonly number[] }): Promise<Warned & { points: LearningCurvePoint[]; out: string }> {
  return (await import('./validate.js')).learningCurve(data, options);
}
