import type { TensorData } from '@cultivar/sdk';
import { predictedClasses } from './predicted-class.js';

/** Share of rows whose most probable class is the right one, 0..1. */
export function accuracy(probabilities: TensorData, labels: Int32Array): number {
  return shareRight(predictedClasses(probabilities), labels);
}

/** The same of classes that were predicted. */
export function shareRight(predicted: Int32Array, labels: Int32Array): number {
  return predicted.reduce((right, one, row) => right + (one === labels[row] ? 1 : 0), 0) / labels.length;
}
