import { describe, expect, it } from '@jest/globals';
import { createRandom } from '@cultivar/kernel';
import { foldCount, stratifiedFolds } from './folds.js';
import { searchExtent } from './search-extent.js';

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

describe('the extent of a search', () => {
  it.each([
    ['a few hundred images', 300, 5, 1280, 5, 300],
    ['many features and classes', 2000, 50, 2000, 1, 2000],
    ['tens of thousands of images', 20_000, 100, 1280, 1, 3333],
  ])('of %s', (_, images, classes, width, heldOut, rows) => {
    const labels = Int32Array.from({ length: images }, (__, row) => row % classes);
    const extent = searchExtent(labels, classes, width, createRandom(0));
    expect(extent).toMatchObject({ folds: 5, heldOut });
    expect(Math.abs(extent.rows.length / rows - 1)).toBeLessThan(0.3);
    const sizes = new Int32Array(classes);
    for (const row of extent.rows) sizes[labels[row]!]! += 1;
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
  });
});
