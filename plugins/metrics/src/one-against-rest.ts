import type { TensorData } from '@cultivar/sdk';
import { mean } from './counts.js';

/** Images of one probability of a class: how many are of the class, and how many are not. */
export interface Tie {
  own: number;
  others: number;
}

/**
 * The images by their probability of one class, the surest first; those of equal probability together. Bits of single-precision numbers from 0 on are in the order of the
 * numbers: with one bit more for the class they are sorted as whole numbers, without a comparison of our own.
 * @param probabilities [N, K], 0..1
 */
function ranked({ data, shape: [rows = 0, classes = 0] }: TensorData, labels: Int32Array, of: number): Tie[] {
  const scores = Float32Array.from({ length: rows }, (_, row) => Math.max(0, data[row * classes + of]!));
  const keys = new Uint32Array(scores.buffer).map((bits, row) => bits * 2 + Number(labels[row] === of)).sort();
  const ties: Tie[] = [];
  for (let at = rows - 1, last = -1; at >= 0; at -= 1) {
    const score = Math.floor(keys[at]! / 2);
    if (score !== last) ties.push({ own: 0, others: 0 });
    last = score;
    ties.at(-1)![keys[at]! % 2 === 1 ? 'own' : 'others'] += 1;
  }
  return ties;
}

/** The mean over the classes of a figure of each against the rest; those of which it is NaN do not count. */
export function overClasses({ probabilities, labels }: { probabilities: TensorData; labels: Int32Array }, figure: (ties: readonly Tie[]) => number): number {
  const figures = Array.from({ length: probabilities.shape[1] ?? 0 }, (_, k) => figure(ranked(probabilities, labels, k)));
  return mean(figures.filter((value) => !Number.isNaN(value)));
}
