import { describe, expect, it } from '@jest/globals';
import { createRandom } from '@cultivar/kernel';
import { foldCount, stratifiedFolds } from './folds.js';

describe('stratified folds', () => {
  it.each([[30, 20, 10, 5], [7, 3, 5, 3], [100, 1, 50, 4]])('of classes of %i, %i and %i images in %i folds differ by one at most', (a, b, c, count) => {
    const labels = Int32Array.from([...Array(a).fill(0), ...Array(b).fill(1), ...Array(c).fill(2)] as number[]);
    const folds = stratifiedFolds(labels, 3, count, createRandom(1));
    const sizes = (label?: number) => Array.from({ length: count }, (_, fold) => folds.filter((own, row) => own === fold && (label === undefined || labels[row] === label)).length);
    for (const counts of [sizes(), sizes(0), sizes(1), sizes(2)]) expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
  });

  it('are five, fewer for small classes, none where a class has one image', () => {
    expect(foldCount(Int32Array.from({ length: 40 }, (_, row) => row % 2), 2)).toBe(5);
    expect(foldCount(Int32Array.from([0, 0, 0, 1, 1, 1]), 2)).toBe(3);
    expect(foldCount(Int32Array.from([0, 0, 0, 1]), 2)).toBe(0);
    expect(foldCount(Int32Array.from([0, 0, 1, 1]), 3)).toBe(2);
  });
});
