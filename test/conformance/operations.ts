import type { Augmentation, LabelledBatch, Random } from '@cultivar/sdk';
import { createRandom } from '@cultivar/kernel';
import { expect } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { draws, tolerance } from './distribution.js';
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

/** Of many copies of an image of one row, half are changed, all in the same way, and the others are as they were. @param image flat [1, W, 3], its first value one that changes */
export function expectHalfChanged(augmentation: Augmentation, image: number[]): void {
  const { images } = changed(augmentation, createRandom(3), { images: Array.from({ length: draws }, () => image).flat(), shape: [draws, 1, image.length / 3, 3] });
  const firsts = Array.from({ length: draws }, (_, index) => images[index * image.length]!);
  expect(new Set(firsts).size).toBe(2);
  expect(Math.abs(firsts.filter((value) => value === Math.fround(image[0]!)).length / draws - 0.5)).toBeLessThan(tolerance(0.5));
}
