import { describe, expect, it } from '@jest/globals';
import type { Objective } from '@cultivar/sdk';
import { distance, golden, instance } from '../../../test/conformance/instance.js';
import { logisticObjective, rosenbrock } from '../../../test/conformance/objective.js';
import { LBFGS } from './lbfgs.js';

interface Golden {
  rosenbrock: { start: number[]; value: number; parameters: number[]; evaluations: number }[];
  logistic: { features: number[][]; labels: number[]; probes: { C: number; kernel: number[][]; bias: number[]; value: number }[] };
}
const { rosenbrock: valleys, logistic } = golden<Golden>('solvers');
const { features, labels, probes } = logistic;

describe('lbfgs', () => {
  it.each(valleys)('finds the end of the valley that SciPy finds, in as many evaluations', async ({ start, parameters, evaluations }) => {
    const found = await instance(LBFGS, { tolerance: 1e-8, maxIterations: 1000 }).minimize(rosenbrock, Float64Array.from(start));
    expect(found.converged).toBe(true);
    expect(distance(found.parameters, parameters)).toBeLessThan(1e-6);
    expect(found.evaluations).toBeLessThan(1.5 * evaluations);
  });

  it.each(probes)('agrees with scikit-learn on the iris data: C $C', async ({ C, kernel, bias, value }) => {
    const objective = logisticObjective(features, labels, 3, 1 / (C * labels.length));
    const found = await instance(LBFGS, { tolerance: 1e-8 }).minimize(objective, new Float64Array(15));
    expect(found.converged).toBe(true);
    expect(found.value).toBeCloseTo(value, 9);
    // Bias is not penalised, so it is fixed up to a constant: scikit-learn's sums to zero, ours does as it starts there.
    expect(distance(found.parameters, [...kernel.flat(), ...bias])).toBeLessThan(1e-4);
  });

  it.each(probes)('does as well where values and gradients are rounded to single precision: C $C', async ({ C, kernel, bias }) => {
    const exact = logisticObjective(features, labels, 3, 1 / (C * labels.length));
    const rounded: Objective = {
      evaluate: async (parameters) => {
        const { value, gradient } = await exact.evaluate(Float64Array.from(Float32Array.from(parameters)));
        return { value: Math.fround(value), gradient: Float64Array.from(Float32Array.from(gradient)) };
      },
    };
    const found = await instance(LBFGS).minimize(rounded, new Float64Array(15));
    expect(found.converged).toBe(true);
    expect(found.evaluations).toBeLessThan(1.3 * found.iterations + 5);
    // With C = 100 the valley is flat: weights of size 10 are then good to 6e-4, with the others to 4e-6.
    expect(distance(found.parameters, [...kernel.flat(), ...bias])).toBeLessThan(1e-3);
    const hopeless = await instance(LBFGS).minimize(rounded, new Float64Array(15), { tolerance: 1e-14 });
    expect(hopeless.converged).toBe(false);
    expect(hopeless.evaluations).toBeLessThan(400);
  });

  it('stops at once at a minimum, and after the iterations it was given', async () => {
    const solver = instance(LBFGS);
    expect(await solver.minimize(rosenbrock, Float64Array.of(1, 1))).toMatchObject({ iterations: 0, evaluations: 1, converged: true, value: 0 });
    expect(await solver.minimize(rosenbrock, Float64Array.of(-1.2, 1), { maxIterations: 3 })).toMatchObject({ iterations: 3, converged: false });
  });

  it('backs off from where the function is not defined', async () => {
    // x - log x: minimum at 1, not a number left of 0.
    const objective: Objective = { evaluate: ([x]) => ({ value: x! - Math.log(x!), gradient: Float64Array.of(1 - 1 / x!) }) };
    const found = await instance(LBFGS).minimize(objective, Float64Array.of(20));
    expect(found.parameters[0]).toBeCloseTo(1, 4);
    expect((await instance(LBFGS).minimize(objective, Float64Array.of(-1))).converged).toBe(false);
  });

  it('leaves its start as it was and does the same twice', async () => {
    const start = Float64Array.of(-1.2, 1, -1.2);
    const [one, two] = [await instance(LBFGS).minimize(rosenbrock, start), await instance(LBFGS).minimize(rosenbrock, start)];
    expect([...start]).toEqual([-1.2, 1, -1.2]);
    expect(one).toEqual(two);
  });
});
