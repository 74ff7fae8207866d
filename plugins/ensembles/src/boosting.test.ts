import { describe, expect, it } from '@jest/globals';
import { createRandom } from '@cultivar/kernel';
import type { EnsembleTask, Member } from '@cultivar/sdk';
import { distance, golden, instance } from '../../../test/conformance/instance.js';
import { Boosting } from './boosting.js';

interface Golden {
  labels: number[];
  rounds: { says: number[]; error: number; alpha: number; weights: number[] }[];
}
const { labels, rounds } = golden<Golden>('boosting');
const classes = 3;

/** One who says this of the training images, sure of himself. */
function speaker(says: readonly number[]): Member {
  const data = new Float32Array(says.length * classes);
  says.forEach((label, row) => { data[row * classes + label] = 1; });
  return { train: { data, shape: [says.length, classes] }, measured: { data, shape: [says.length, classes] } };
}
const task = (own: readonly number[] = labels): EnsembleTask => ({ classes, trainLabels: Int32Array.from(own), measuredLabels: Int32Array.from(own), random: createRandom(1) });
const members = rounds.map(({ says }) => speaker(says));

describe('boosting', () => {
  it("weighs images up as scikit-learn's SAMME does, round for round", () => {
    const boosting = instance(Boosting, { members: 20 });
    rounds.forEach(({ weights }, round) => {
      const { importance } = boosting.next(members.slice(0, round), task())!;
      if (round === 0) expect(importance).toBeUndefined();
      else expect(distance(importance!, weights.map((weight) => weight * labels.length))).toBeLessThan(1e-9);
    });
  });

  it('lets members vote by their alphas', () => {
    const { rule, shares } = instance(Boosting).combine(members, task()) as { rule: string; shares: number[] };
    const sum = rounds.reduce((all, { alpha }) => all + alpha, 0);
    expect(rule).toBe('vote');
    expect(distance(shares, rounds.map(({ alpha }) => alpha / sum))).toBeLessThan(1e-9);
  });

  it('ends where a member makes no mistake, or is no better than chance, which has no vote', () => {
    const boosting = instance(Boosting, { members: 20 });
    expect(boosting.next([speaker(labels)], task())).toBeUndefined();
    const alwaysFirst = speaker(labels.map(() => 0));
    expect(boosting.next([alwaysFirst], task())).toBeUndefined();
    const wrong = speaker(labels.map((label) => (label + 1) % classes));
    expect(boosting.combine([members[0]!, wrong], task())).toEqual({ rule: 'average', shares: [1, 0] });
    expect(boosting.combine([wrong], task())).toEqual({ rule: 'average', shares: [1] });
  });

  it('ends at the number asked for', () => {
    expect(instance(Boosting, { members: 3 }).next(members.slice(0, 3), task())).toBeUndefined();
  });
});
