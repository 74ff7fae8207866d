import { createRandom } from '@cultivar/kernel';
import type { Ensemble, EnsembleTask, Member, MemberPlan, TensorData } from '@cultivar/sdk';
import { expect } from '@jest/globals';
import type { Checks } from './subject.js';

const classes = 3;
const labels = Int32Array.from({ length: 30 }, (_, image) => image % classes);
const task = (): EnsembleTask => ({ classes, trainLabels: labels, measuredLabels: labels, random: createRandom(7) });

/** Right on most images, each member wrong on others. */
function said(member: number): TensorData {
  const data = new Float32Array(labels.length * classes).fill(0.1);
  labels.forEach((label, row) => { data[row * classes + ((row + member) % 5 === 0 ? (label + 1) % classes : label)] = 0.8; });
  return { data, shape: [labels.length, classes] };
}

function trained(ensemble: Ensemble): { plans: MemberPlan[]; members: Member[] } {
  const plans: MemberPlan[] = [];
  const members: Member[] = [];
  for (let plan = ensemble.next(members, task()); plan && plans.length < 200; plan = ensemble.next(members, task())) {
    plans.push(plan);
    for (let snapshot = 0; snapshot < (plan.snapshots ?? 1); snapshot += 1) members.push({ train: said(members.length), measured: said(members.length) });
  }
  return { plans, members };
}

export const ensembleChecks: Checks<Ensemble> = {
  'has enough members some day, and plans the same for the same seed': ({ make }) => {
    const { plans } = trained(make());
    expect(plans.length).toBeGreaterThan(0);
    expect(plans.length).toBeLessThan(200);
    expect(trained(make()).plans).toEqual(plans);
  },
  'weighs images by numbers of zero or more, not all zero': ({ make }) => {
    for (const { importance } of trained(make()).plans) {
      if (!importance) continue;
      expect(importance).toHaveLength(labels.length);
      expect(importance.every((weight) => weight >= 0 && Number.isFinite(weight))).toBe(true);
      expect(importance.some((weight) => weight > 0)).toBe(true);
    }
  },
  'gives shares that sum to one, or members that are there; what it was given stays as it was': async ({ make }) => {
    const { members } = trained(make());
    const before = members.map(({ measured }) => measured.data.slice());
    const combination = await make().combine(members, task(), async ([first]) => members[first!]!.measured);
    if (combination.rule === 'soup') for (const member of combination.members) expect(members[member]).toBeDefined();
    else expect(combination.shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
    expect(members.map(({ measured }) => measured.data)).toEqual(before);
  },
};
