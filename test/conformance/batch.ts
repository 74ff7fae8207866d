import * as tf from '@tensorflow/tfjs-core';
import type { Augmentation, LabelledBatch, Random } from '@cultivar/sdk';
import { golden } from './instance.js';

/** What `test/golden/augmentations.py` writes; images are flat [B, H, W, 3]. */
export interface AugmentationGolden {
  shape: [number, number, number, number];
  images: number[];
  labels: number[];
  classes: number;
  jitter: Record<'brightness' | 'contrast' | 'saturation' | 'hue', { factors: number[]; images: number[] }>;
  crops: { rectangle: { top: number; left: number; height: number; width: number }; images: number[] }[];
  draws: { height: number; width: number; scale: [number, number]; ratio: [number, number]; means: Record<string, number>; deviations: Record<string, number> }[];
  mixup: { lambda: number; order: number[]; images: number[]; targets: number[] };
  cutmix: { lambda: number; row: number; column: number; order: number[]; images: number[]; targets: number[] }[];
  flip: { horizontal: number[]; vertical: number[] };
  erase: { top: number; left: number; height: number; width: number; fill: number; images: number[] };
}

export const record = golden<AugmentationGolden>('augmentations');

/** The golden images and their one-hot targets. */
export function goldenBatch(): LabelledBatch {
  return {
    images: tf.tensor4d(record.images, record.shape),
    targets: tf.tensor2d(record.labels.map((label) => Array.from({ length: record.classes }, (_, index) => (index === label ? 1 : 0)))),
  };
}

/** Applies an augmentation to the golden batch. */
export function applied(augmentation: Augmentation, random: Random): { images: Float32Array; targets: Float32Array } {
  return tf.tidy(() => {
    const { images, targets } = augmentation.apply(goldenBatch(), random);
    return { images: images.dataSync<'float32'>().slice(), targets: targets.dataSync<'float32'>().slice() };
  });
}
