import type { TensorData } from '@cultivar/sdk';
import { predictedClasses } from './predicted-class.js';

/** Share of rows whose most probable class is the right one, 0..1. */
export function accuracy(probabilities: TensorData, labels: Int32Array): number {
  return predictedClasses(probabilities).reduce((right, predicted, row) => right + (predicted === labels[row] ? 1 : 0), 0) / labels.length;
}
