import { describe, expect, it } from '@jest/globals';
import { createRandom } from '@cultivar/kernel';
import type { TensorData } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import '../../../../test/conformance/backend.js';
import { distance, golden } from '../../../../test/conformance/instance.js';
import { groupLasso, type GroupLassoOptions } from './group-lasso.js';
import { MultinomialLoss } from './multinomial-loss.js';
import { RowProducts } from './row-products.js';
import { standardisation, standardise } from './standardise.js';

interface Golden {
  features: number[][];
  labels: number[];
}
const two = golden<Golden & { probes: { penalty: number; lambda: number; weights: number[]; bias: number }[] }>('lasso');
const four = golden<Golden>('classification');
const tableOf = ({ features }: Golden): TensorData => ({ data: Float32Array.from(features.flat()), shape: [features.length, features[0]!.length] });
const digits = standardise(tableOf(four), standardisation(tableOf(four)));
const exact = { tolerance: 1e-5, maxIterations: 20_000 };

async function solved(table: TensorData, labels: readonly number[], classes: number, { penalty, weight = () => 1, ...limits }: Partial<GroupLassoOptions> & { penalty: number }) {
  const products = new RowProducts(table);
  const own = Int32Array.from(labels);
  const solution = await groupLasso(products, own, classes, { penalty, weight, ...limits });
  const { gradient } = await new MultinomialLoss(products, own, classes, 0, weight).evaluate(solution.parameters);
  products.dispose();
  const row = (values: Float64Array, feature: number) => [...values.subarray(feature * classes, (feature + 1) * classes)];
  return { ...solution, weights: (feature: number) => row(solution.parameters, feature), gradient: (feature: number) => row(gradient, feature), bias: row(solution.parameters, products.width) };
}

const length = (values: readonly number[]): number => Math.hypot(...values);

describe('the group lasso', () => {
  it.each(two.probes)('of two classes is the lasso of scikit-learn: $penalty of the largest penalty', async ({ penalty, lambda, weights, bias }) => {
    const before = tf.memory().numTensors;
    const found = await solved(tableOf(two), two.labels, 2, { penalty, ...exact });
    expect(tf.memory().numTensors).toBe(before);
    expect(found.converged).toBe(true);
    expect(found.lambda).toBeCloseTo(lambda, 6);
    const differences = weights.map((_, feature) => found.weights(feature)[1]! - found.weights(feature)[0]!);
    // Products are in single precision, and the bias is where the loss is flattest.
    expect(distance(differences, weights)).toBeLessThan(1e-3);
    expect(Math.abs(found.bias[1]! - found.bias[0]! - bias)).toBeLessThan(1e-3);
    expect(differences.map((value) => value !== 0)).toEqual(weights.map((value) => value !== 0));
  });

  it.each([[0.02, 1], [0.1, 1], [0.4, 1], [0.1, 3]])('of four classes fulfils the conditions of a minimum: penalty %f, rows of weight 1 to %i', async (penalty, heaviest) => {
    const found = await solved(digits, four.labels, 4, { penalty, weight: (row) => (row % 5 === 0 ? 0 : 1 + (row % heaviest)), ...exact });
    expect(found.active).toBeGreaterThan(0);
    expect(found.active).toBeLessThan(digits.shape[1]!);
    for (let feature = 0; feature < digits.shape[1]!; feature += 1) {
      const [weights, gradient] = [found.weights(feature), found.gradient(feature)];
      // 0 lies in the subdifferential: grad f = -lambda w / |w| where there are weights, and is no longer than lambda where there are none.
      if (length(weights) > 0) expect(distance(gradient, weights.map((weight) => (-found.lambda * weight) / length(weights)))).toBeLessThan(1e-4);
      else expect(length(gradient)).toBeLessThanOrEqual(found.lambda + 1e-4);
    }
  });

  it('keeps nothing from the largest penalty on, and one feature just below it', async () => {
    const { active, bias } = await solved(digits, four.labels, 4, { penalty: 1.001, ...exact });
    expect(active).toBe(0);
    const shares = [0, 1, 2, 3].map((label) => four.labels.filter((own) => own === label).length / four.labels.length);
    const sum = bias.reduce((total, value) => total + Math.exp(value), 0);
    expect(distance(bias.map((value) => Math.exp(value) / sum), shares)).toBeLessThan(1e-4);
    expect((await solved(digits, four.labels, 4, { penalty: 0.99, ...exact })).active).toBe(1);
  });

  it('ranks by the length of the weights, then by what is nearest to having some', async () => {
    const { ranking, active, weights, gradient } = await solved(digits, four.labels, 4, { penalty: 0.3, ...exact });
    expect(ranking.slice().sort()).toEqual(Int32Array.from({ length: digits.shape[1]! }, (_, feature) => feature));
    const [kept, others] = [ranking.slice(0, active), ranking.slice(active)];
    expect(kept.every((feature, place) => place === 0 || length(weights(feature)) <= length(weights(kept[place - 1]!)))).toBe(true);
    expect(others.every((feature) => length(weights(feature)) === 0)).toBe(true);
    expect(others.every((feature, place) => place === 0 || length(gradient(feature)) <= length(gradient(others[place - 1]!)) + 1e-6)).toBe(true);
  });

  it('finds the features that the classes differ in, among many that say nothing', async () => {
    const random = createRandom(2);
    const [rows, width, telling] = [90, 200, [17, 101, 140]];
    const labels = Array.from({ length: rows }, (_, row) => row % 3);
    const data = Float32Array.from({ length: rows * width }, (_, at) => random.normal() + (telling.indexOf(at % width) === labels[Math.floor(at / width)] ? 3 : 0));
    const { ranking } = await solved({ data, shape: [rows, width] }, labels, 3, { penalty: 0.1 });
    expect(ranking.slice(0, 3).sort()).toEqual(Int32Array.from(telling));
  });

  it('stands where features never change, and stops when the run is stopped', async () => {
    const { active, converged } = await solved({ data: new Float32Array(12), shape: [6, 2] }, [0, 0, 0, 1, 1, 1], 2, { penalty: 0.1 });
    expect([active, converged]).toEqual([0, true]);
    await expect(solved(digits, four.labels, 4, { penalty: 0.1, signal: AbortSignal.abort() })).rejects.toThrow();
  });
});
