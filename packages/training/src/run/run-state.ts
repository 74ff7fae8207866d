import type { ContributionReference, EpochRecord, TensorData } from '@cultivar/sdk';
import type { Head } from '../head.js';
import type { Score } from '../phases/score.js';
import type { Standardisation } from '../solve/standardise.js';
import type { SettingName } from './setting-use.js';
import type { RunWarning } from '../warnings.js';

/** A model as a train phase leaves it after an epoch: the trained stages' weights by name, and the head's. */
export interface Snapshot {
  weights: Record<string, TensorData>;
  kernel: TensorData;
  bias: TensorData;
  score: Score;
  /** Of the images it is measured with, [N, K]. */
  probabilities: TensorData;
  /** 0: as the phase began. */
  epoch: number;
}

/** Where a train phase is between two epochs. */
export interface TrainProgress {
  /** Stages that the head reads, in the order of its rows. */
  features: string[];
  /** How these features are standardised while the head trains. */
  scaling: Standardisation;
  /** Epochs done. */
  epoch: number;
  /** Steps done. */
  step: number;
  /** The head here is that of standardised features. */
  current: { weights: Record<string, TensorData>; kernel: TensorData; bias: TensorData };
  slots: Record<string, TensorData>;
  best: Snapshot;
  /** What the phase has to beat; nothing where there was no model before it. */
  start?: Score;
  stopped: boolean;
  /** Whether the model, as it is evaluated, has changed. */
  moved: boolean;
}

/** What became of a phase. */
export interface PhaseOutcome {
  phase: string;
  /** Whether its result was taken; false: it was undone. */
  kept: boolean;
  note: string;
}

/** Everything that a run has come to; enough, with the data and the request, to go on from. */
export interface RunState {
  /** Phases done. */
  phase: number;
  history: EpochRecord[];
  outcomes: PhaseOutcome[];
  head?: Head;
  /** The head's probabilities of the images that the model is measured with, [N, K]; there as soon as the head is. */
  probabilities?: TensorData;
  /** Log-loss in cross-validation of the classifier that was solved last. */
  heldOutLoss?: number;
  /** What augments the copies that phases train on; found out before the first of them. */
  augmentations?: ContributionReference[];
  /** Backbone weights that differ from the pretrained ones, by name. */
  tuned: Record<string, TensorData>;
  /** Inside a train phase only. */
  training?: TrainProgress;
  warnings: RunWarning[];
  /** The engine that trained last. */
  trainer?: string;
  /** Settings that have had an effect so far. */
  used: SettingName[];
}

export const beginning = (): RunState => ({ phase: 0, history: [], outcomes: [], tuned: {}, warnings: [], used: [] });
