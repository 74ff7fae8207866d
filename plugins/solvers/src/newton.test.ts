import { describe, expect, it } from '@jest/globals';
import type { Objective } from '@cultivar/sdk';
import { distance, golden, instance } from '../../../test/conformance/instance.js';
import { logisticObjective, rosenbrock } from '../../../test/conformance/objective.js';
import { Newton } from './newton.js';

interface Golden {
  rosenbrock: { start: number[]; parameters: number[] }[];
  logistic: { features: number[][]; labels: number[]; probes: { C: number; kernel: number[][]; bias: number[]; value: number }[] };
}
const { rosenbrock: valleys, logistic } = golden<Golden>('solvers');
const { features, labels, probes } = logistic;
/** Whole Hessian and Cholesky, or conjugate gradients on products. */
const ways = [['Cholesky', 1000], ['conjugate gradients', 0]] as const;

describe.each(ways)('newton by %s', (_way, dense) => {
  // In more dimensions the valley has a second end, near (-1, 1, ..., 1).
  it.each(valleys.slice(0, 1))('finds the end of the valley that SciPy finds', async ({ start, parameters }) => {
    const found = await instance(Newton, { dense, tolerance: 1e-8 }).minimize(rosenbrock, Float64Array.from(start));
    expect(found.converged).toBe(true);
    expect(distance(found.parameters, parameters)).toBeLessThan(1e-6);
  });

  it.each(probes)('agrees with scikit-learn on the iris data, in a few steps: C $C', async ({ C, kernel, bias, value }) => {
    const objective = logisticObjective(features, labels, 3, 1 / (C * labels.length));
    const found = await instance(Newton, { dense, tolerance: 1e-8 }).minimize(objective, new Float64Array(15));
    expect(found.converged).toBe(true);
    expect(found.value).toBeCloseTo(value, 9);
    expect(found.iterations).toBeLessThan(20);
    expect(distance(found.parameters, [...kernel.flat(), ...bias])).toBeLessThan(1e-4);
  });

  it('does without a Hessian, by differences of gradients', async () => {
    const { C, kernel, value } = probes[1]!;
    const { evaluate } = logisticObjective(features, labels, 3, 1 / (C * labels.length));
    const found = await instance(Newton, { dense }).minimize({ evaluate }, new Float64Array(15), { tolerance: 1e-7 });
    expect(found.converged).toBe(true);
    expect(found.value).toBeCloseTo(value, 9);
    expect(distance(found.parameters.slice(0, 12), kernel.flat())).toBeLessThan(1e-3);
  });

  it('stands at the bottom of a bowl after one step', async () => {
    const bowl: Objective = {
      evaluate: ([x, y]) => ({ value: x! ** 2 / 20 + y! ** 2, gradient: Float64Array.of(x! / 10, 2 * y!) }),
      hessianProduct: (_at, [x, y]) => Float64Array.of(x! / 10, 2 * y!),
    };
    const found = await instance(Newton, { dense }).minimize(bowl, Float64Array.of(-7, 2), { tolerance: 1e-6 });
    // Conjugate gradients solve no more closely than the length of the gradient is worth.
    expect(found.iterations).toBeLessThanOrEqual(dense > 0 ? 1 : 4);
    expect(distance(found.parameters, [0, 0])).toBeLessThan(1e-4);
  });

  it('leaves a saddle downhill', async () => {
    // x^2 - y^2 + y^4 / 2: saddle at 0, minima at (0, +-1).
    const saddle: Objective = { evaluate: ([x, y]) => ({ value: x! ** 2 - y! ** 2 + y! ** 4 / 2, gradient: Float64Array.of(2 * x!, -2 * y! + 2 * y! ** 3) }) };
    const found = await instance(Newton, { dense }).minimize(saddle, Float64Array.of(1, 0.01), { tolerance: 1e-7 });
    expect(found.converged).toBe(true);
    expect(distance(found.parameters, [0, 1])).toBeLessThan(1e-6);
  });
});
