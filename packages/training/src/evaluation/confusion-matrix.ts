import type { TensorData } from '@cultivar/sdk';
import { predictedClasses } from './predicted-class.js';

/** Entry [i][j]: how many images of class i were taken for class j. */
export function confusionMatrix(probabilities: TensorData, labels: Int32Array): number[][] {
  const classes = probabilities.shape[1] ?? 0;
  const matrix = Array.from({ length: classes }, () => Array.from({ length: classes }, () => 0));
  predictedClasses(probabilities).forEach((predicted, row) => {
    matrix[labels[row]!]![predicted]! += 1;
  });
  return matrix;
}
