import type { Scalar, Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import type { Random } from '../services.js';
import type { EpochRecord } from './callback.js';

/** A layer without weights of its own, in the head, between pooled features and classifier; [B, F] to [B, F]. */
export interface HeadLayer {
  /** What features are multiplied by at inference; 1 when absent. The trainer folds it into the classifier that it measures and keeps. */
  readonly inferenceScale?: number;
  /** @param training false: as at inference */
  apply(features: Tensor2D, training: boolean, random: Random): Tensor2D;
}

/** Any of these; each is called inside `tf.tidy`. */
export interface Regularizer {
  /** Added to the loss for every trained kernel (not biases, not batch-norm). */
  penalty?(weight: Tensor, name: string): Scalar;
  /** Changes the targets [B, K] of a training batch; rows sum to 1. */
  targets?(targets: Tensor2D): Tensor2D;
  /**
   * Changes the gradients of a step, penalties included, before the optimizer sees them: clipping. All that are trained in
   * this step, by weight name, biases as well.
   * @returns the gradients to use instead, of the same shapes; those that it does not name stay
   */
  gradients?(gradients: Readonly<Record<string, Tensor>>): Record<string, Tensor>;
  /** A trained kernel (not biases, not batch-norm) after each update, put back to where it may be: max-norm. */
  project?(weight: Tensor, name: string): Tensor;
  /** The weight as this step sees it; the gradient is taken through it, so a weight times zero gets none. */
  noise?(weight: Tensor, name: string, random: Random): Tensor;
  headLayers?(): HeadLayer[];
  /**
   * Changes the branch of a residual block of the stages that train, before it is added to the shortcut, in training only.
   * @param block from 0, nearest the input, to blocks - 1
   * @returns from [B, ...] to the same shape; undefined: this block stays as it is
   */
  branch?(block: number, blocks: number): ((branch: Tensor, random: Random) => Tensor) | undefined;
  /** After each epoch; may end the phase. */
  epochEnd?(history: readonly EpochRecord[]): { stop: boolean; reason?: string };
}
export const Regularizer = Symbol.for('cultivar:Regularizer');
