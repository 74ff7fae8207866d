import type { TensorData } from '@cultivar/sdk';
import { predictedClasses } from './predicted-class.js';

const bins = 15;

/**
 * Expected calibration error: the rows are put into 15 equal bins of confidence, the probability of the predicted class;
 * ECE = sum_b |B_b| / N * |accuracy(B_b) - confidence(B_b)|. A bin is open below and closed above.
 * Source: Guo et al. 2017, "On Calibration of Modern Neural Networks", equation 3.
 * @returns 0 (as sure as right) .. 1
 */
export function expectedCalibrationError(probabilities: TensorData, labels: Int32Array): number {
  const predicted = predictedClasses(probabilities);
  return calibrationErrorOf(predicted, confidenceIn(probabilities, predicted), labels);
}

/** The probability of what was predicted, of each row. */
export function confidenceIn({ data, shape: [, classes = 0] }: TensorData, predicted: Int32Array): Float32Array {
  return Float32Array.from(predicted, (one, row) => data[row * classes + one]!);
}

/** The same of classes that were predicted with some confidence. */
export function calibrationErrorOf(predicted: Int32Array, confidences: Float32Array, labels: Int32Array): number {
  const surplus = new Float64Array(bins);
  confidences.forEach((confidence, row) => {
    const bin = Math.min(bins - 1, Math.max(0, Math.ceil(confidence * bins) - 1));
    surplus[bin]! += (predicted[row] === labels[row] ? 1 : 0) - confidence;
  });
  return surplus.reduce((sum, difference) => sum + Math.abs(difference), 0) / labels.length;
}
