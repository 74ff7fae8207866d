import type { Solver } from '@cultivar/sdk';
import { expect } from '@jest/globals';
import { distance } from './instance.js';
import { logisticObjective, rosenbrock } from './objective.js';
import { drawn, type Checks } from './subject.js';

const features = Array.from({ length: 40 }, (_, image) => drawn(5, image * 7 + 1));
const labels = features.map((row) => (row[0]! + row[1]! > 0 ? 1 : 0) + (row[2]! > 0.2 ? 1 : 0));
const objective = logisticObjective(features, labels, 3, 0.01);

export const solverChecks: Checks<Solver> = {
  'solves a logistic regression to the gradient that was asked for': async ({ make }) => {
    const start = Float64Array.from(drawn(18));
    const before = [...start];
    const found = await make().minimize(objective, start, { tolerance: 1e-5 });
    const { value, gradient } = await objective.evaluate(found.parameters);
    expect(found.converged).toBe(true);
    expect(found.value).toBeCloseTo(value, 9);
    expect(distance(gradient, new Float64Array(18))).toBeLessThanOrEqual(1e-5);
    expect([...start]).toEqual(before);
  },
  'does the same twice': async ({ make }) => {
    const run = () => make().minimize(objective, new Float64Array(18));
    expect(await run()).toEqual(await run());
  },
  'stops after the iterations that it is given': async ({ make }) => {
    const found = await make().minimize(rosenbrock, Float64Array.of(-1.2, 1), { maxIterations: 2, tolerance: 1e-12 });
    expect(found.iterations).toBeLessThanOrEqual(2);
    expect(found.converged).toBe(false);
  },
  'lets an error of the objective through': async ({ make }) => {
    const broken = { evaluate: () => Promise.reject(new Error('aborted')) };
    await expect(make().minimize(broken, new Float64Array(2))).rejects.toThrow('aborted');
  },
};
