import { bootstrap, type Interval } from '@cultivar/training';

/** Of each image, in one order for all models that are compared. */
export interface Answers {
  /** 1 where the answer is right, else 0. */
  right: number[];
  /** Log-loss of the answer. */
  losses: number[];
}

/** How much higher a figure of one model is than of another, and between what it lies with 95 % confidence. */
export interface Difference extends Interval {
  mean: number;
}

/**
 * Two models on the same N images: the mean over the images of how much higher the one's figure is, with the percentile bootstrap of
 * that mean over the images. Images that are hard for both count for neither, so the interval is narrower than those of the two figures.
 * Source: Efron & Tibshirani 1993, "An introduction to the bootstrap", chapter 13; Dietterich 1998 for the pairing.
 */
export function pairedDifference(one: Answers, other: Answers): { accuracy: Difference; loss: Difference } {
  const images = one.right.length;
  const differences = Float32Array.from({ length: 2 * images }, (_, at) => (at % 2 === 0 ? one.right[at / 2]! - other.right[at / 2]! : one.losses[(at - 1) / 2]! - other.losses[(at - 1) / 2]!));
  const means = ({ data }: { data: Float32Array }) => [0, 1].map((column) => data.reduce((sum, value, at) => (at % 2 === column ? sum + value : sum), 0) / images);
  const table = { data: differences, shape: [images, 2] };
  const [accuracy, loss] = means(table);
  const [accuracyInterval, lossInterval] = bootstrap(table, new Int32Array(images), means);
  return { accuracy: { mean: accuracy!, ...accuracyInterval! }, loss: { mean: loss!, ...lossInterval! } };
}
