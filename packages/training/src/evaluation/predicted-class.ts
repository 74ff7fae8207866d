import type { TensorData } from '@cultivar/sdk';

/** The most probable class of each row, the first of equals. @param probabilities [N, K] @returns N class indices */
export function predictedClasses({ data, shape: [rows = 0, classes = 0] }: TensorData): Int32Array {
  return Int32Array.from({ length: rows }, (_, row) => {
    let best = 0;
    for (let k = 1; k < classes; k += 1) if (data[row * classes + k]! > data[row * classes + best]!) best = k;
    return best;
  });
}
