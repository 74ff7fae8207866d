import type { TensorData } from '@cultivar/sdk';
import { predictedClasses } from './predicted-class.js';
import { fitTemperature, logLosses } from './temperature.js';

/** How much better one model is than another on the same images. */
export interface Comparison {
  /** Mean over the images of how much lower the log-loss is, each model at its own temperature; above 0: better. */
  gain: number;
  /** Standard error of `gain`. */
  standardError: number;
  /** How much higher the accuracy is, and the standard error of that, in the same way. */
  right: { gain: number; standardError: number };
}

/**
 * Two models on the same N images: d_i is how much lower the one's log-loss of image i is than the other's; gain = mean(d),
 * standard error = sd(d) / sqrt(N). Pairing takes out what makes an image hard for both, most of what log-losses differ by.
 * Log-loss and not accuracy: among 300 images two models often differ in the answers to ten, and 6 against 4 is what a coin
 * does (McNemar's test: p = 0.75), while the log-loss hears of every image. Each at the temperature that suits it best, so
 * that one which is merely surer of itself, or taught with smoothed targets, is neither better nor worse for it.
 * Source: Dietterich 1998, "Approximate statistical tests for comparing supervised classification learning algorithms" (paired
 * differences, McNemar's test); Guo et al. 2017 for the temperature.
 */
export function compare(one: TensorData, other: TensorData, labels: Int32Array): Comparison {
  const ours = logLosses(one, labels, fitTemperature(one, labels));
  const theirs = logLosses(other, labels, fitTemperature(other, labels));
  const [here, there] = [predictedClasses(one), predictedClasses(other)];
  const right = Float64Array.from(labels, (label, row) => Number(here[row] === label) - Number(there[row] === label));
  return { ...meanOf(theirs.map((loss, row) => loss - ours[row]!)), right: meanOf(right) };
}

/**
 * Whether one model is better than a simpler one: its log-loss is lower by more than one standard error, and its accuracy not lower by more than one. An answer
 * or two less, of a few hundred, are what a coin does, and say nothing against a loss that every image had its part in.
 * Source: Breiman et al. 1984, "Classification and regression trees", section 3.4.3 (the one-standard-error rule).
 */
export const isBetter = ({ gain, standardError, right }: Comparison): boolean => gain > standardError && right.gain >= -right.standardError;

/** Mean of paired differences, and its standard error. */
function meanOf(differences: Float64Array): { gain: number; standardError: number } {
  const count = differences.length;
  const gain = differences.reduce((total, difference) => total + difference, 0) / count;
  const variance = differences.reduce((total, difference) => total + (difference - gain) ** 2, 0) / Math.max(1, count - 1);
  return { gain, standardError: Math.sqrt(variance / count) };
}
