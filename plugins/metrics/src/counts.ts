import type { TensorData } from '@cultivar/sdk';

/** Images of one class: how many there are, were taken for it, and were rightly. */
export interface ClassCounts {
  images: number;
  predicted: number;
  right: number;
}

/** The most probable class counts, the first of equals. @param probabilities [N, K] @param labels N class indices @returns one for each class */
export function countsOf({ data, shape: [, classes = 0] }: TensorData, labels: Int32Array): ClassCounts[] {
  const counts = Array.from({ length: classes }, () => ({ images: 0, predicted: 0, right: 0 }));
  labels.forEach((label, row) => {
    let best = 0;
    for (let k = 1; k < classes; k += 1) if (data[row * classes + k]! > data[row * classes + best]!) best = k;
    counts[label]!.images += 1;
    counts[best]!.predicted += 1;
    if (best === label) counts[label]!.right += 1;
  });
  return counts;
}

/** NaN of nothing. */
export const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
