import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Random } from '../services.js';

/** A type and not an interface, so that `tf.tidy` and `tf.dispose` take it. */
export type LabelledBatch = {
  /** [B, H, W, 3], 0..1, RGB. */
  images: Tensor4D;
  /** [B, K], each row sums to 1. */
  targets: Tensor2D;
};

/**
 * A random change of a batch that keeps shapes and ranges. Called inside `tf.tidy`; does not dispose its input, and may
 * hand a tensor that it leaves as it is (often the targets) back as it came: the same object.
 */
export interface Augmentation {
  /**
   * Given once, before the first batch: some of the training images as they are, [N, H, W, 3], 0..1, for augmentations that
   * measure the dataset. Called inside `tf.tidy`.
   */
  prepare?(images: Tensor4D): void;
  apply(batch: LabelledBatch, random: Random): LabelledBatch;
}
export const Augmentation = Symbol.for('cultivar:Augmentation');
