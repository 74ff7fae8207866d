import type { TensorData } from '@cultivar/sdk';
import { fitTemperature, logLosses } from './temperature.js';

/** How much better one model is than another on the same images. */
export interface Comparison {
  /** Mean over the images of how much lower the log-loss is, each model at its own temperature; above 0: better. */
  gain: number;
  /** Standard error of `gain`. */
  standardError: number;
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
  const count = labels.length;
  const differences = theirs.map((loss, row) => loss - ours[row]!);
  const gain = differences.reduce((total, difference) => total + difference, 0) / count;
  const variance = differences.reduce((total, difference) => total + (difference - gain) ** 2, 0) / Math.max(1, count - 1);
  return { gain, standardError: Math.sqrt(variance / count) };
}
