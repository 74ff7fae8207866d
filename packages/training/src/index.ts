/**
 * @cultivar/training: assessment -> freeze plan -> phases -> checkpoints -> evaluation -> bundle.
 */
export { evaluateBundle } from './bundle/evaluate-bundle.js';
export type { BundleManifest } from './bundle/manifest.js';
export { openBundle, type OpenBundle } from './bundle/open-bundle.js';
export type { Interval } from './evaluation/bootstrap.js';
export type { Evaluation, Intervals } from './evaluation/evaluation.js';
export type { ClassScores } from './evaluation/per-class.js';
export type { TrainingEvent } from './events.js';
export type { TrainingRequest, TrainingServices } from './request.js';
export type { TrainingResult } from './result.js';
export type { PhaseOutcome } from './run/run-state.js';
export { train } from './train.js';
