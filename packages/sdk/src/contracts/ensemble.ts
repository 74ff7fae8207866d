import type { Random } from '../services.js';
import type { TensorData } from './engine.js';

/** How a member is trained. */
export interface MemberPlan {
  /** Everything random in its run, but the split, is drawn from this. */
  seed: number;
  /** Members of the same start are trained, by steps, from one and the same solved classifier on; absent: each from its own. */
  start?: number;
  /** Weight of each training image, >= 0; absent: all alike. */
  importance?: number[];
  /**
   * Models that are kept of its last train phase, each at the end of a cycle of equal length, whatever it scores;
   * each is a member. Absent: one, the best.
   */
  snapshots?: number;
}

/** A member that has been trained. */
export interface Member {
  /** Of the training images, [N, K]; absent where its backbone was tuned, unless the ensemble looks at them. */
  train?: TensorData;
  /** Of the images that models are measured with, [V, K]. */
  measured: TensorData;
}

/** What the members learn. */
export interface EnsembleTask {
  classes: number;
  trainLabels: Int32Array;
  measuredLabels: Int32Array;
  random: Random;
}

/** How members become one model. */
export type Combination =
  /** Their probabilities, or what they vote for, weighed by shares that sum to 1; a member with a share of 0 is left out. */
  | { rule: 'average' | 'vote'; shares: number[] }
  /** The mean of the weights of these members, by number. */
  | { rule: 'soup'; members: number[] };

/** Trains several models and makes one of them. */
export interface Ensemble {
  /** Whether it looks at what members say of the training images; of a member whose backbone is tuned, that takes a pass over them of its own. */
  readonly looksAtTraining?: boolean;
  /** @returns how the next member is trained; undefined: there are enough */
  next(members: readonly Member[], task: EnsembleTask): MemberPlan | undefined;
  /**
   * @param members at least one
   * @param soup probabilities [V, K] of the mean of the weights of these members, by number
   */
  combine(members: readonly Member[], task: EnsembleTask, soup: (members: readonly number[]) => Promise<TensorData>): Combination | Promise<Combination>;
}
export const Ensemble = Symbol.for('cultivar:Ensemble');
