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
  it.each(trials)('of ten digits has the coefficients of scikit-learn\'s LogisticRegression: $solver, C $C', async ({ solver, Solver, C, kernel, bias, value }) => {
    const before = tf.memory().numTensors;
    const products = new RowProducts(table);
    const objective = new MultinomialLoss(products, Int32Array.from(labels), 10, 1 / (C * labels.length), () => 1);
    const found = await instance(Solver).minimize(objective, new Float64Array(650), { tolerance: 1e-6 });
    products.dispose();
    expect(found.converged).toBe(true);
    expect(found.value).toBeCloseTo(value, 5);
    // A gradient of 1e-6 leaves coefficients open by as much over the curvature, which is 1 / (C n) in the flattest direction: with C = 1
    // up to 4e-4 for each of the 650 together. lbfgs comes no closer in single precision; newton's last step goes far below.
    expect(distance(found.parameters, [...kernel.flat(), ...bias])).toBeLessThan(solver === 'lbfgs' && C === 1 ? 5e-3 : 1e-3);
    expect(tf.memory().numTensors).toBe(before);
  });
});
