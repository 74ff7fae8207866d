import { isFigure, type Metric, type TensorData } from '@cultivar/sdk';
import { accuracy, shareRight } from './accuracy.js';
import { bootstrap, type Interval } from './bootstrap.js';
import { calibrationErrorOf, confidenceIn, expectedCalibrationError } from './calibration-error.js';
import { confusionMatrix } from './confusion-matrix.js';
import { logLoss, logProbabilities } from './log-loss.js';
import { perClass, type ClassScores } from './per-class.js';
import { predictedClasses } from './predicted-class.js';

/** How good a model is on labelled images. */
export interface Evaluation {
  /** 0..1. */
  accuracy: number;
  /** Mean log-loss, natural logarithm. */
  loss: number;
  /** Expected calibration error, 0..1. */
  calibrationError: number;
  perClass: ClassScores[];
  /** Rows: true class; columns: predicted class; numbers of images. Empty where there are more than 2,000 classes: it would be larger than the model. */
  confusion: number[][];
  images: number;
  /** Which images these were. */
  split: 'train' | 'validation' | 'test' | 'all';
  /** Of metric plugins, by name; null where one has no value for these images. */
  extra: Record<string, number | null>;
  /** How far each figure may be off, as there are only so many images: 95 % of a percentile bootstrap. Bundles of older versions have none. */
  intervals?: Intervals;
}

export interface Intervals {
  accuracy: Interval;
  loss: Interval;
  calibrationError: Interval;
  /** null where there is no figure. */
  perClass: { precision: Interval | null; recall: Interval | null; f1: Interval | null }[];
  extra: Record<string, Interval | null>;
}

/** Classes up to which all are set against all. */
const mostConfused = 2000;

/**
 * @param probabilities [N, K], rows sum to 1, N >= 1
 * @param labels N class indices
 */
export function evaluate(
  probabilities: TensorData, labels: Int32Array, classes: readonly string[], split: Evaluation['split'],
  metrics: readonly { name: string; metric: Metric }[] = [],
): Evaluation {
  return {
    accuracy: accuracy(probabilities, labels),
    loss: logLoss(probabilities, labels),
    calibrationError: expectedCalibrationError(probabilities, labels),
    perClass: perClass(predictedClasses(probabilities), labels, classes),
    confusion: classes.length <= mostConfused ? confusionMatrix(probabilities, labels) : [],
    images: labels.length,
    split,
    extra: Object.fromEntries(metrics.map(({ name, metric }) => [name, valueOf(metric, probabilities, labels)])),
    intervals: intervalsOf(probabilities, labels, classes, metrics),
  };
}

function valueOf(metric: Metric, probabilities: TensorData, labels: Int32Array): number | null {
  const value = metric.compute({ probabilities, labels });
  return isFigure(value) ? value : null;
}

/**
 * Draws that metrics of plugins are computed on, which may sort all images for each class: fewer where there are many rows x classes, and from 200,000 on, where
 * even the fewest would take many seconds, none.
 */
function metricDraws({ shape: [rows = 0, classes = 0] }: TensorData): number {
  const draws = Math.min(1000, Math.round(2e7 / (rows * classes)));
  return draws < 100 ? 0 : draws;
}

function intervalsOf(probabilities: TensorData, labels: Int32Array, classes: readonly string[], metrics: readonly { name: string; metric: Metric }[]): Intervals {
  // What a figure takes of a row is the same in every draw: looked up once among all classes, not in each of a thousand draws.
  const predicted = predictedClasses(probabilities);
  const confidence = confidenceIn(probabilities, predicted);
  const logarithms = logProbabilities(probabilities, labels);
  let left = metricDraws(probabilities);
  const [accuracyInterval, loss, calibrationError, ...others] = bootstrap(probabilities, labels, (drawn, drawnLabels, rows) => {
    left -= 1;
    const guesses = rows.map((row) => predicted[row]!);
    return [
      shareRight(guesses, drawnLabels),
      rows.reduce((sum, row) => sum - logarithms[row]!, 0) / rows.length,
      calibrationErrorOf(guesses, Float32Array.from(rows, (row) => confidence[row]!), drawnLabels),
      ...perClass(guesses, drawnLabels, classes).flatMap(({ precision, recall, f1 }) => [precision, recall, f1]),
      ...metrics.map(({ metric }) => (left < 0 ? null : valueOf(metric, drawn, drawnLabels))),
    ];
  }) as [Interval, Interval, Interval, ...(Interval | null)[]];
  return {
    accuracy: accuracyInterval, loss, calibrationError,
    perClass: classes.map((_, index) => ({ precision: others[3 * index]!, recall: others[3 * index + 1]!, f1: others[3 * index + 2]! })),
    extra: Object.fromEntries(metrics.map(({ name }, index) => [name, others[3 * classes.length + index]!])),
  };
}
