import { describe, expect, it } from '@jest/globals';
import { createRandom } from '@cultivar/kernel';
import { accuracy } from './accuracy.js';
import { bootstrap } from './bootstrap.js';
import { logLoss } from './log-loss.js';

/** Rows of two classes, the first right with a chance of `skill`. */
function drawn(rows: number, skill: number, seed: number) {
  const random = createRandom(seed);
  const labels = new Int32Array(rows);
  const data = Float32Array.from({ length: rows }, () => (random.uniform() < skill ? 0.8 : 0.3)).reduce<Float32Array>((all, first, row) => {
    all.set([first, 1 - first], 2 * row);
    return all;
  }, new Float32Array(2 * rows));
  return { probabilities: { data, shape: [rows, 2] }, labels };
}

describe('the bootstrap', () => {
  it('of an accuracy is as wide as the binomial says: 1.96 sqrt(p (1 - p) / N) to each side', () => {
    const { probabilities, labels } = drawn(400, 0.8, 1);
    const p = accuracy(probabilities, labels);
    const [interval] = bootstrap(probabilities, labels, (drawn, own) => [accuracy(drawn, own)]);
    const width = 1.96 * Math.sqrt(p * (1 - p) / 400);
    expect(Math.abs(interval!.high - p - width)).toBeLessThan(0.15 * width);
    expect(Math.abs(p - interval!.low - width)).toBeLessThan(0.15 * width);
  });

  it('covers the truth about as often as it says', () => {
    let covered = 0;
    for (let trial = 0; trial < 100; trial += 1) {
      const { probabilities, labels } = drawn(60, 0.7, 100 + trial);
      const [interval] = bootstrap(probabilities, labels, (drawn, own) => [accuracy(drawn, own)], 0.9);
      if (interval!.low <= 0.7 && 0.7 <= interval!.high) covered += 1;
    }
    // 0.9, give or take three standard errors of 0.03.
    expect(covered / 100).toBeGreaterThan(0.8);
    expect(covered / 100).toBeLessThan(0.98);
  });

  it('holds each figure between its ends, and gives the same for the same rows', () => {
    const { probabilities, labels } = drawn(60, 0.6, 3);
    const figures = (p: typeof probabilities, l: Int32Array) => [accuracy(p, l), logLoss(p, l)];
    const intervals = bootstrap(probabilities, labels, figures);
    figures(probabilities, labels).forEach((figure, index) => {
      expect(intervals[index]!.low).toBeLessThan(figure);
      expect(intervals[index]!.high).toBeGreaterThan(figure);
    });
    expect(bootstrap(probabilities, labels, figures)).toEqual(intervals);
  });

  it('leaves what it was given as it was, and is wider for more confidence', () => {
    const { probabilities, labels } = drawn(50, 0.7, 4);
    const before = probabilities.data.slice();
    const [narrow] = bootstrap(probabilities, labels, (drawn, own) => [logLoss(drawn, own)], 0.5);
    const [wide] = bootstrap(probabilities, labels, (drawn, own) => [logLoss(drawn, own)], 0.99);
    expect(probabilities.data).toEqual(before);
    expect(wide!.high - wide!.low).toBeGreaterThan(narrow!.high - narrow!.low);
  });
});
