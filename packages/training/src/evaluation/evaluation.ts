import type { Metric, TensorData } from '@cultivar/sdk';
import { accuracy } from './accuracy.js';
import { expectedCalibrationError } from './calibration-error.js';
import { confusionMatrix } from './confusion-matrix.js';
import { logLoss } from './log-loss.js';
import { perClass, type ClassScores } from './per-class.js';

/** How good a model is on labelled images. */
export interface Evaluation {
  /** 0..1. */
  accuracy: number;
  /** Mean log-loss, natural logarithm. */
  loss: number;
  /** Expected calibration error, 0..1. */
  calibrationError: number;
  perClass: ClassScores[];
  /** Rows: true class; columns: predicted class; numbers of images. */
  confusion: number[][];
  images: number;
  /** Which images these were. */
  split: 'train' | 'validation' | 'test' | 'all';
  /** Of metric plugins, by name. */
  extra: Record<string, number>;
}

/**
 * @param probabilities [N, K], rows sum to 1, N >= 1
 * @param labels N class indices
 */
export function evaluate(
  probabilities: TensorData, labels: Int32Array, classes: readonly string[], split: Evaluation['split'],
  metrics: readonly { name: string; metric: Metric }[] = [],
): Evaluation {
  const confusion = confusionMatrix(probabilities, labels);
  return {
    accuracy: accuracy(probabilities, labels),
    loss: logLoss(probabilities, labels),
    calibrationError: expectedCalibrationError(probabilities, labels),
    perClass: perClass(confusion, classes),
    confusion,
    images: labels.length,
    split,
    extra: Object.fromEntries(metrics.map(({ name, metric }) => [name, metric.compute({ probabilities, labels })])),
  };
}
