import { describe, expect, it } from '@jest/globals';
import { createRandom } from '@cultivar/kernel';
import type { EnsembleTask, Member } from '@cultivar/sdk';
import { instance } from '../../../test/conformance/instance.js';
import { Independent } from './independent.js';

const labels = Int32Array.of(0, 1);
const task: EnsembleTask = { classes: 2, trainLabels: labels, measuredLabels: labels, random: createRandom(5) };
const done = (count: number): Member[] => Array.from({ length: count }, () => ({ measured: { data: new Float32Array(), shape: [0, 2] } }));

describe('independent members', () => {
  it('have seeds of their own and equal shares', () => {
    const independent = instance(Independent, { members: 4 });
    const plans = [0, 1, 2, 3].map((count) => independent.next(done(count), task)!);
    expect(new Set(plans.map(({ seed }) => seed)).size).toBe(4);
    expect(independent.next(done(4), task)).toBeUndefined();
    expect(independent.combine(done(4))).toEqual({ rule: 'average', shares: [0.25, 0.25, 0.25, 0.25] });
  });
});
