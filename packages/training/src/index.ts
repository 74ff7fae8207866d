/**
 * @cultivar/training: assessment -> freeze plan -> phases -> checkpoints -> evaluation -> bundle.
 */
export { evaluateBundle, type EvaluateOptions } from './bundle/evaluate-bundle.js';
export { readManifest, type BundleManifest, type NewManifest } from './bundle/manifest.js';
export { MeasuredImages } from './bundle/measured-images.js';
export type { MonteCarlo } from './bundle/monte-carlo.js';
export { openBundle, type OpenBundle, type OpenOptions } from './bundle/open-bundle.js';
export { readClassifier } from './bundle/read-classifier.js';
export { writeModelBundle } from './bundle/write-bundle.js';
export { bootstrap, type Interval } from './evaluation/bootstrap.js';
export { evaluate, type Evaluation, type Intervals } from './evaluation/evaluation.js';
export { metricsOf } from './evaluation/metrics.js';
export type { ClassScores } from './evaluation/per-class.js';
export type { TrainingEvent } from './events.js';
export type { TrainingRequest, TrainingServices } from './request.js';
export type { EngineSpeeds } from './run/engine-speeds.js';
export { measureEngines } from './run/measure-engines.js';
export { clearState, prepareOutput, stateFolder, takeFolder } from './run/output-folder.js';
export { keptRun } from './run/kept-run.js';
export { readRecordIfWhole, writeRecord } from './run/record-file.js';
export type { TrainingResult } from './result.js';
export type { PhaseOutcome } from './run/run-state.js';
export { displacedOptions, SettingUse, type SettingName, type UnusedSetting, type WrittenSetting } from './run/setting-use.js';
export { unusedWarning, unusedWarnings, type RunWarning } from './warnings.js';
export { finishedResult, resultOf } from './finish.js';
export { recordOf, techniquesAreLoaded, techniquesOf, type RequestRecord, type TechniqueRecord } from './bundle/request-record.js';
export { withDefaults } from './request.js';
export { train } from './train.js';
