import type { Augmentation, LabelledBatch, Random } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import { golden } from './instance.js';

interface Mixed {
  lambda: number;
  row: number;
  column: number;
  images: number[];
  targets: number[];
}

/** What `test/golden/operations.py` writes; images are flat [B, H, W, 3]. */
export interface OperationsGolden {
  shape: [number, number, number, number];
  images: number[];
  rotate: { degrees: number; images: number[] }[];
  affine: { degrees: number; translate: [number, number]; scale: number; shear: [number, number]; corner: boolean; images: number[] }[];
  blur: { sigma: number; size: number; images: number[] }[];
  sharpness: { factor: number; images: number[] }[];
  posterize: { bits: number; images: number[] }[];
  solarize: { threshold: number; images: number[] }[];
  autoContrast: number[];
  equalize: { shape: [number, number, number, number]; bytes: number[]; equalized: number[] };
  grayscale: number[];
  padded: { mode: 'constant' | 'reflect' | 'edge'; top: number; left: number; images: number[] }[];
  erasing: { height: number; width: number; scale: [number, number]; ratio: [number, number]; erased: number; means: Record<'share' | 'logRatio' | 'top' | 'left' | 'height' | 'width', number> }[];
  pca: { covariance: number[]; values: number[]; vectors: number[]; factors: number[] };
  timm: { shape: [number, number, number, number]; images: number[]; labels: number[]; order: number[]; mixup: Mixed; cutmix: Mixed[] };
}

export const record = golden<OperationsGolden>('operations');

const oneHot = (labels: readonly number[]) => tf.tensor2d(labels.map((label) => [0, 1, 2].map((index) => (index === label ? 1 : 0))));

/** The golden images. */
export const goldenImages = (): tf.Tensor4D => tf.tensor4d(record.images, record.shape);

/** Applies an augmentation to images, those of the record when absent. */
export function changed(augmentation: Augmentation, random: Random, given?: { images: number[]; shape: [number, number, number, number]; labels?: number[] }): { images: Float32Array; targets: Float32Array } {
  const { images, shape, labels = Array.from({ length: (given ?? record).shape[0] }, () => 0) } = given ?? record as { images: number[]; shape: [number, number, number, number]; labels?: number[] };
  return tf.tidy(() => {
    const batch: LabelledBatch = { images: tf.tensor4d(images, shape), targets: oneHot(labels) };
    const result = augmentation.apply(batch, random);
    return { images: result.images.dataSync<'float32'>().slice(), targets: result.targets.dataSync<'float32'>().slice() };
  });
}
