import { describe, expect, it } from '@jest/globals';
import { createRandom } from '@cultivar/kernel';
import type { EnsembleTask, Member } from '@cultivar/sdk';
import { instance } from '../../../test/conformance/instance.js';
import { Bagging } from './bagging.js';

const trainLabels = Int32Array.from({ length: 400 }, (_, image) => (image < 300 ? 0 : 1));
const task: EnsembleTask = { classes: 2, trainLabels, measuredLabels: trainLabels, random: createRandom(5) };
const done = (count: number): Member[] => Array.from({ length: count }, () => ({ measured: { data: new Float32Array(), shape: [0, 2] } }));

describe('bagging', () => {
  it('draws as many images of each class as there are, with replacement', () => {
    const { importance } = instance(Bagging).next([], task)!;
    const sum = (from: number, to: number) => importance!.slice(from, to).reduce((all, one) => all + one, 0);
    expect([sum(0, 300), sum(300, 400)]).toEqual([300, 100]);
    expect(importance!.every(Number.isInteger)).toBe(true);
  });

  it('leaves (1 - 1/n)^n of the images out, which is 1/e of many', () => {
    const bagging = instance(Bagging, { members: 200 });
    const out = Array.from({ length: 100 }, (_, member) => bagging.next(done(member), task)!.importance!.filter((count) => count === 0).length / 400);
    const mean = out.reduce((all, share) => all + share, 0) / 100;
    // The share left out of one sample has a standard deviation of about 0.0155 (occupancy of 400 cells); of the mean of a hundred, 0.0016.
    expect(Math.abs(mean - (0.75 * (1 - 1 / 300) ** 300 + 0.25 * (1 - 1 / 100) ** 100))).toBeLessThan(0.006);
  });

  it('draws another sample for each member, and the same for the same seed', () => {
    const bagging = instance(Bagging);
    const [first, second] = [bagging.next([], task)!, bagging.next(done(1), task)!];
    expect(first.importance).not.toEqual(second.importance);
    expect(first.seed).not.toBe(second.seed);
    expect(bagging.next([], { ...task, random: createRandom(5) })).toEqual(first);
    expect(bagging.next(done(10), task)).toBeUndefined();
  });
});
