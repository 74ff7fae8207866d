/**
 * @cultivar/study: experiments that compare techniques and find settings. Each returns its figures; pictures are drawn from those.
 */
export { chart, type ChartOptions } from './chart/chart.js';
export { histogram, type Histogram } from './chart/histogram.js';
export { compareInitializers, type InitializerStudyOptions, type InitializerTrial, type Verdict } from './initializers/compare-initializers.js';
export { drawInitializers } from './initializers/draw-initializers.js';
export type { Activation } from './initializers/deep-network.js';
export type { LayerStatistics } from './initializers/layer-statistics.js';
export { contactSheet, type ContactSheet } from './preview/contact-sheet.js';
export { preview, type Preview, type PreviewRequest } from './preview/preview.js';
export { drawPaths } from './optimizers/draw-paths.js';
export { optimizerPaths, type OptimizerPath } from './optimizers/paths.js';
export { surfaces, type Surface } from './optimizers/surfaces.js';
export { drawCurves } from './optimizers/draw-curves.js';
export { trainingCurves, type TrainingCurve } from './optimizers/training-curves.js';
export { drawRates } from './rates/draw-rates.js';
export { findRate, type RateStudy, type RateStudyOptions, type RateTrial } from './rates/find-rate.js';
export type { StepRecord } from './rates/short-training.js';
export { default as studyPlugin } from './plugin.js';
export { compareStrategies, type ComparedStrategy, type StrategyComparisonOptions, type StrategyTrial } from './strategies/compare-strategies.js';
export { drawStrategies } from './strategies/draw-strategies.js';
export type { Difference } from './strategies/paired-difference.js';
export { drawTrials } from './tune/draw-trials.js';
export { parseSearch, type SearchSpace } from './tune/search-space.js';
export type { FinishedTrial, Trial, TrialOutcome, TrialRunner, TrialSettings } from './tune/trial.js';
export { tune, type TuneOptions, type TuneResult } from './tune/tune.js';
export { biasVariance, drawBiasVariance, type BiasVarianceOptions, type Decomposition } from './validation/bias-variance.js';
export { crossValidate, type CrossValidation } from './validation/cross-validation.js';
export { drawLearningCurve, learningCurve, type LearningCurvePoint } from './validation/learning-curve.js';
export { drawSharpness, sharpness, type Minimum, type SharpnessOptions } from './validation/sharpness.js';
