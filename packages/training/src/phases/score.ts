import type { TensorData } from '@cultivar/sdk';
import { accuracy } from '../evaluation/accuracy.js';
import { logLoss } from '../evaluation/log-loss.js';
import { atTemperature, fitTemperature } from '../evaluation/temperature.js';

/** How a model does on the images it is measured with. */
export interface Score {
  /** 0..1. */
  accuracy: number;
  loss: number;
  /** Log-loss at the temperature that suits the model best: what its answers are worth, however sure of them it is. */
  calibratedLoss: number;
}

/** @param probabilities [N, K] */
export function scoreOf(probabilities: TensorData, labels: Int32Array): Score {
  const calibrated = atTemperature(probabilities, fitTemperature(probabilities, labels));
  return { accuracy: accuracy(probabilities, labels), loss: logLoss(probabilities, labels), calibratedLoss: logLoss(calibrated, labels) };
}
