import type { Assessment, EpochRecord, FreezePlan, TensorData } from '@cultivar/sdk';
import type { Evaluation } from './evaluation/evaluation.js';
import type { RunWarning } from './warnings.js';

/** What happens in a run, in order. */
export type TrainingEvent =
  | { type: 'dataset'; classes: string[]; train: number; validation: number; test: number; setAside: number; duplicates: number }
  | { type: 'assessment'; assessment: Assessment }
  | { type: 'plan'; strategy: string; plan: FreezePlan }
  | { type: 'phase-start'; phase: string }
  /** Of a train phase; step counts from 1 within it, the loss is that of the batch before the step. */
  | { type: 'step'; phase: string; step: number; steps: number; loss: number; learningRate: number }
  | { type: 'epoch'; record: EpochRecord }
  | { type: 'phase-end'; phase: string; kept: boolean }
  /** Of the finished model, [N, K], with what the images are: those it is measured with, and the training images where that costs nothing. */
  | { type: 'probabilities'; split: Evaluation['split']; images: number[]; labels: Int32Array; probabilities: TensorData }
  /** A model of the end of a cycle, as a bundle of its own, and what it says of the images it is measured with. */
  | { type: 'snapshot'; path: string; images: number[]; labels: Int32Array; probabilities: TensorData }
  /** Something that speaks against the result; all of them are in it as well. */
  | { type: 'warning'; warning: RunWarning }
  | { type: 'evaluation'; evaluation: Evaluation }
  | { type: 'bundle'; path: string };
