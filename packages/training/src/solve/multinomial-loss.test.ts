import { describe, expect, it } from '@jest/globals';
import { LBFGS, Newton } from '@cultivar/solvers';
import * as tf from '@tensorflow/tfjs-core';
import '../../../../test/conformance/backend.js';
import { distance, golden, instance } from '../../../../test/conformance/instance.js';
import { MultinomialLoss } from './multinomial-loss.js';
import { RowProducts } from './row-products.js';

interface Golden {
  digits: { pixels: number[][]; labels: number[]; probes: { C: number; kernel: number[][]; bias: number[]; value: number }[] };
}
const { pixels, labels, probes } = golden<Golden>('solvers').digits;
const table = { data: Float32Array.from(pixels.flat(), (pixel) => pixel / 16), shape: [pixels.length, 64] };
const trials = probes.flatMap((probe) => [{ solver: 'lbfgs', Solver: LBFGS, ...probe }, { solver: 'newton', Solver: Newton, ...probe }]);

describe('a linear probe', () => {
  it.each(trials)('of ten digits has the coefficients of scikit-learn\'s LogisticRegression: $solver, C $C', async ({ Solver, C, kernel, bias, value }) => {
    const before = tf.memory().numTensors;
    const products = new RowProducts(table);
    const objective = new MultinomialLoss(products, Int32Array.from(labels), 10, 1 / (C * labels.length), () => 1);
    const found = await instance<LBFGS | Newton>(Solver).minimize(objective, new Float64Array(650));
    products.dispose();
    expect(found.converged).toBe(true);
    expect(found.value).toBeCloseTo(value, 5);
    // With the solvers' own tolerances. A gradient of 1e-7 leaves coefficients open by as much over the curvature. That is 2.9e-4 in the flattest direction of C = 1 (numpy,
    // double precision), one of the biases, which bear no penalty: up to 3.5e-4 for a single direction. scikit-learn's own
    // are 1.2e-5 from the minimum.
    expect(distance(found.parameters, [...kernel.flat(), ...bias])).toBeLessThan(1e-3);
    expect(tf.memory().numTensors).toBe(before);
  });
});
