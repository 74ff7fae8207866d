import type { SetAside, Duplicate } from '@cultivar/data';
import type { Assessment, EpochRecord, FreezePlan } from '@cultivar/sdk';
import type { Evaluation } from './evaluation/evaluation.js';
import type { RunWarning } from './warnings.js';

/** What became of a run. */
export interface TrainingResult {
  /** The strategy that made the plan, delegations followed. */
  strategy: string;
  /** Absolute path of the folder. */
  bundle: string;
  /** From the call to the finished bundle, this call only. */
  seconds: number;
  /** On the validation images; on the test images where the data give no validation images. */
  metrics: Evaluation;
  /** On the test images, where the data give both. */
  test?: Evaluation;
  assessment: Assessment;
  plan: FreezePlan;
  history: EpochRecord[];
  setAside: SetAside[];
  duplicates: Duplicate[];
  /** Version by name: of Cultivar, Node, tfjs, and of each plugin that was loaded. */
  versions: Record<string, string>;
  seed: number;
  /** What speaks against this result: settings that had no effect, a training that moved nothing or ruined the model. Also in the bundle. */
  warnings: RunWarning[];
}
