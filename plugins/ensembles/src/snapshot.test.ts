import { describe, expect, it } from '@jest/globals';
import { createRandom } from '@cultivar/kernel';
import type { EnsembleTask, Member } from '@cultivar/sdk';
import { instance } from '../../../test/conformance/instance.js';
import { Snapshot } from './snapshot.js';

const labels = Int32Array.of(0, 1);
const task: EnsembleTask = { classes: 2, trainLabels: labels, measuredLabels: labels, random: createRandom(5) };
const done = (count: number): Member[] => Array.from({ length: count }, () => ({ measured: { data: new Float32Array(), shape: [0, 2] } }));

describe('snapshots', () => {
  it('come of one training', () => {
    const snapshot = instance(Snapshot, { members: 3 });
    expect(snapshot.next([], task)).toMatchObject({ snapshots: 3 });
    expect(snapshot.next(done(3), task)).toBeUndefined();
    expect(snapshot.combine(done(2))).toEqual({ rule: 'average', shares: [0.5, 0.5] });
  });
});
