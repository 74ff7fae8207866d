import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Random } from '../services.js';

export interface LabelledBatch {
  /** [B, H, W, 3], 0..1, RGB. */
  images: Tensor4D;
  /** [B, K], each row sums to 1. */
  targets: Tensor2D;
}

/** A random change of a batch that keeps shapes and ranges. Called inside `tf.tidy`; does not dispose its input. */
export interface Augmentation {
  apply(batch: LabelledBatch, random: Random): LabelledBatch;
}
export const Augmentation = Symbol.for('cultivar:Augmentation');
