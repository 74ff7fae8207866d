/**
 * @cultivar/study: experiments that compare techniques and find settings. Each returns its figures; pictures are drawn from those.
 */
export { histogram, type Histogram } from './chart/histogram.js';
export { compareInitializers, type InitializerStudyOptions, type InitializerTrial, type Verdict } from './initializers/compare-initializers.js';
export type { Activation } from './initializers/deep-network.js';
export type { LayerStatistics } from './initializers/layer-statistics.js';
export { contactSheet, type ContactSheet } from './preview/contact-sheet.js';
export { preview, type Preview, type PreviewRequest } from './preview/preview.js';
export { optimizerPaths, type OptimizerPath } from './optimizers/paths.js';
export { surfaces, type Surface } from './optimizers/surfaces.js';
export { trainingCurves, type TrainingCurve } from './optimizers/training-curves.js';
export { findRate, type RateStudy, type RateStudyOptions, type RateTrial } from './rates/find-rate.js';
export type { StepRecord } from './rates/short-training.js';
export { loadPictures, type Pictures } from './load-pictures.js';
export { default as studyPlugin } from './plugin.js';
export { compareStrategies, type ComparedStrategy, type StrategyComparisonOptions, type StrategyTrial } from './strategies/compare-strategies.js';
export type { Difference } from './strategies/paired-difference.js';
export { parseSearch, type SearchSpace } from './tune/search-space.js';
export type { FinishedTrial, Trial, TrialOutcome, TrialRunner, TrialSettings } from './tune/trial.js';
export { tune, type TuneOptions, type TuneResult } from './tune/tune.js';
export { biasVariance, type BiasVarianceOptions, type Decomposition } from './validation/bias-variance.js';
export { crossValidate, type CrossValidation } from './validation/cross-validation.js';
export { learningCurve, type LearningCurvePoint } from './validation/learning-curve.js';
export { sharpness, type Minimum, type SharpnessOptions } from './validation/sharpness.js';
