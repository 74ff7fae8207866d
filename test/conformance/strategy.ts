import type { Assessment, FreezePlan, Stage, Strategy } from '@cultivar/sdk';
import { expect } from '@jest/globals';
import type { Checks } from './subject.js';

const stages: Stage[] = ['early', 'middle', 'late', 'top'].map((name, index) => ({
  name, index, output: `${name}_relu`, layers: [`${name}_conv`, `${name}_bn`, `${name}_relu`], parameters: 1000 * 4 ** index, outputShape: [56 >> index, 56 >> index, 16 << index],
}));

const assessments = [40, 200, 1000, 20_000].flatMap((trainImages) => [0.05, 0.5, 0.95].flatMap((score) => [true, false].map((trains): Assessment => ({
  images: trainImages * 1.25,
  trainImages,
  classes: 4,
  perClass: [1, 1, 1, 1].map((share) => (share * trainImages) / 4),
  similarity: { score, figures: {}, reasons: ['set by the test'] },
  backboneParameters: 85_000,
  engine: { name: 'none', trains },
}))));

function checkPlan({ phases, reasons }: FreezePlan): void {
  const names = stages.map(({ name }) => name);
  expect(reasons.length).toBeGreaterThan(0);
  expect(phases.length).toBeGreaterThan(0);
  expect(new Set(phases.map(({ name }) => name)).size).toBe(phases.length);
  for (const phase of phases) {
    if (phase.kind === 'solve') {
      expect(phase.candidates.length).toBeGreaterThan(0);
      for (const set of phase.candidates) {
        expect(set.length).toBeGreaterThan(0);
        for (const stage of set) expect(names).toContain(stage);
      }
    } else {
      expect(names).toContain(phase.from);
      for (const share of Object.keys(phase.rates)) expect([...names, 'head']).toContain(share);
      for (const share of Object.values(phase.rates)) expect(share).toBeGreaterThanOrEqual(0);
      for (const amount of [phase.epochs, phase.batchSize, phase.views]) expect(Number.isInteger(amount) && amount >= 1).toBe(true);
      expect(phase.learningRate).toBeGreaterThan(0);
    }
  }
}

export const strategyChecks: Checks<Strategy> = {
  'makes a plan of stages that are there, or hands over, and says why; for any dataset': ({ make, entry }) => {
    for (const assessment of assessments) {
      const before = JSON.stringify([assessment, stages]);
      const plan = make().plan(assessment, stages);
      expect(plan.reasons.every((reason) => reason.trim() !== '')).toBe(true);
      if ('delegate' in plan) expect(plan.delegate.name).not.toBe(entry.name);
      else checkPlan(plan);
      expect(JSON.stringify([assessment, stages])).toBe(before);
      expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
      expect(make().plan(assessment, stages)).toEqual(plan);
    }
  },
  'knows a network of a single stage': ({ make }) => {
    const plan = make().plan(assessments[0]!, stages.slice(0, 1));
    if ('phases' in plan) for (const phase of plan.phases) if (phase.kind === 'solve') for (const set of phase.candidates) expect(set).toEqual(['early']);
  },
};
