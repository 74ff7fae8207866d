import type { TensorData } from '@cultivar/sdk';

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
export function ranked({ data, shape: [rows = 0, classes = 0] }: TensorData, labels: Int32Array, of: number): Tie[] {
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
