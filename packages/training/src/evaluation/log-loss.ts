import type { TensorData } from '@cultivar/sdk';

/** The smallest probability in single precision that is not rounded away beside 1; scikit-learn clips likewise. */
const smallest = 2 ** -23;

/** -1/N sum_i log p_i[y_i], natural logarithm; probabilities are held above 1.2e-7, so that one row cannot make it infinite. */
export function logLoss(probabilities: TensorData, labels: Int32Array): number {
  return logProbabilities(probabilities, labels).reduce((sum, one) => sum - one, 0) / labels.length;
}

/** log p_i[y_i] of each row, so held. */
export function logProbabilities({ data, shape: [, classes = 0] }: TensorData, labels: Int32Array): Float64Array {
  return Float64Array.from(labels, (label, row) => Math.log(Math.max(smallest, data[row * classes + label]!)));
}
