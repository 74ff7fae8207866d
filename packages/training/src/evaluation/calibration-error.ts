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
  const classes = probabilities.shape[1] ?? 0;
  const surplus = new Float64Array(bins);
  predictedClasses(probabilities).forEach((predicted, row) => {
    const confidence = probabilities.data[row * classes + predicted]!;
    const bin = Math.min(bins - 1, Math.max(0, Math.ceil(confidence * bins) - 1));
    surplus[bin]! += (predicted === labels[row] ? 1 : 0) - confidence;
  });
  return surplus.reduce((sum, difference) => sum + Math.abs(difference), 0) / labels.length;
}
