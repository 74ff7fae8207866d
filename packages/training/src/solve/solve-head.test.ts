import { describe, expect, it } from '@jest/globals';
import { createRandom } from '@cultivar/kernel';
import { LBFGS } from '@cultivar/solvers';
import type { TensorData } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import '../../../../test/conformance/backend.js';
import { distance, golden, instance } from '../../../../test/conformance/instance.js';
import { headProbabilities } from '../head.js';
import { MultinomialLoss } from './multinomial-loss.js';
import { RowProducts } from './row-products.js';
import { solveHead } from './solve-head.js';
import { paretoScaling, standardisation, standardise } from './standardise.js';

interface Golden {
  features: number[][];
  labels: number[];
  probes: { C: number; kernel: number[][]; bias: number[]; probabilities: number[][] }[];
}
const { features, labels: numbers, probes } = golden<Golden>('classification');
const table: TensorData = { data: Float32Array.from(features.flat()), shape: [features.length, features[0]!.length] };
const labels = Int32Array.from(numbers);
const solver = instance(LBFGS);
const classes = 4;

/** Two features that tell three classes apart, and as many that say nothing. */
function clusters(perClass: number, noise: number): { table: TensorData; labels: Int32Array } {
  const random = createRandom(3);
  const rows = 3 * perClass;
  const data = new Float32Array(rows * (2 + noise));
  const own = Int32Array.from({ length: rows }, (_, row) => row % 3);
  for (let row = 0; row < rows; row += 1) {
    for (let j = 0; j < 2 + noise; j += 1) data[row * (2 + noise) + j] = random.normal() + (j < 2 ? 3 * Math.cos(own[row]! * 2.1 + j) : 0);
  }
  return { table: { data, shape: [rows, 2 + noise] }, labels: own };
}

describe('a solved head', () => {
  it.each(probes)('has the weights of scikit-learn on standardised features: C $C', async ({ C, kernel, bias }) => {
    const products = new RowProducts(standardise(table, standardisation(table)));
    const objective = new MultinomialLoss(products, labels, classes, 1 / (C * labels.length), () => 1);
    const { parameters, converged } = await solver.minimize(objective, new Float64Array((products.width + 1) * classes));
    products.dispose();
    expect(converged).toBe(true);
    expect(distance(parameters, [...kernel.flat(), ...bias])).toBeLessThan(1e-3);
  });

  it('works on features as they are: the standardisation is folded in', async () => {
    const before = tf.memory().numTensors;
    const { head, choice, loss } = await solveHead([{ features: ['top'], table: () => table }], { labels, classes, solver, random: createRandom(0) });
    expect(tf.memory().numTensors).toBe(before);
    expect(choice.folds).toBe(5);
    const found = headProbabilities(head, table);
    const mean = numbers.reduce((sum, label, row) => sum - Math.log(found.data[row * classes + label]!), 0) / numbers.length;
    expect(mean).toBeCloseTo(loss, 4);
    const scaled = standardise(table, paretoScaling(standardisation(table)));
    const products = new RowProducts(scaled);
    const objective = new MultinomialLoss(products, labels, classes, 1 / (choice.C * labels.length), () => 1);
    const { parameters } = await solver.minimize(objective, new Float64Array((products.width + 1) * classes), { tolerance: 1e-6 });
    const weights = products.width * classes;
    const kernel: TensorData = { data: Float32Array.from(parameters.subarray(0, weights)), shape: [products.width, classes] };
    const bias: TensorData = { data: Float32Array.from(parameters.subarray(weights)), shape: [classes] };
    products.dispose();
    expect(distance(found.data, headProbabilities({ features: ['top'], kernel, bias }, scaled).data)).toBeLessThan(1e-3);
  });

  it('penalises more where there is more noise to learn by heart', async () => {
    const strengths = await Promise.all([150, 0].map(async (noise) => {
      const { table: own, labels: ownLabels } = clusters(12, noise);
      return (await solveHead([{ features: ['top'], table: () => own }], { labels: ownLabels, classes: 3, solver, random: createRandom(0) })).choice.C;
    }));
    expect(strengths[0]).toBeLessThan(strengths[1]!);
  });

  it('reads the set of stages with the lowest held-out loss, and of equals the first', async () => {
    const { table: good, labels: ownLabels } = clusters(20, 0);
    const useless: TensorData = { data: Float32Array.from({ length: 60 }, (_, row) => Math.sin(row * 7.3)), shape: [60, 1] };
    const options = { labels: ownLabels, classes: 3, solver, random: createRandom(0) };
    const { head, scores } = await solveHead([{ features: ['early'], table: () => useless }, { features: ['top'], table: () => good }, { features: ['same'], table: () => good }], options);
    expect(head.features).toEqual(['top']);
    expect(scores).toHaveLength(3);
    expect(scores[1]!.loss).toBe(scores[2]!.loss);
  });

  it('is the same for the same seed', async () => {
    const [one, other] = await Promise.all([0, 1].map(() => solveHead([{ features: ['top'], table: () => table }], { labels, classes, solver, random: createRandom(4) })));
    expect(one!.head).toEqual(other!.head);
  });

  it('stands where a class has one image, a feature never changes, or all are alike', async () => {
    const data = Float32Array.from([0, 1, 5, 0, 2, 5, 0, 9, 5, 0, 8, 5, 0, 4, 5]);
    const { head, choice } = await solveHead([{ features: ['top'], table: () => ({ data, shape: [5, 3] }) }], { labels: Int32Array.from([0, 0, 1, 1, 2]), classes: 3, solver, random: createRandom(0) });
    expect(choice.folds).toBe(0);
    expect(head.kernel.data.every(Number.isFinite)).toBe(true);
    const same = await solveHead([{ features: ['top'], table: () => ({ data: new Float32Array(12), shape: [6, 2] }) }], { labels: Int32Array.from([0, 0, 0, 1, 1, 1]), classes: 2, solver, random: createRandom(0) });
    expect([...headProbabilities(same.head, { data: new Float32Array(2), shape: [1, 2] }).data]).toEqual([0.5, 0.5]);
  });

  it('stops when the run is stopped', async () => {
    const abort = new AbortController();
    abort.abort();
    await expect(solveHead([{ features: ['top'], table: () => table }], { labels, classes, solver, random: createRandom(0), signal: abort.signal })).rejects.toThrow();
  });
});

describe('the Hessian of the multinomial loss', () => {
  it('is the change of its gradient', async () => {
    const products = new RowProducts(standardise(table, standardisation(table)));
    const objective = new MultinomialLoss(products, labels, classes, 0.1, (row) => (row % 3 === 0 ? 0 : 1 + (row % 2)));
    const random = createRandom(1);
    const point = Float64Array.from({ length: (products.width + 1) * classes }, () => 0.1 * random.normal());
    const vector = point.map(() => random.normal());
    const step = 1e-3;
    const ahead = (await objective.evaluate(point.map((value, i) => value + step * vector[i]!))).gradient;
    const behind = (await objective.evaluate(point.map((value, i) => value - step * vector[i]!))).gradient;
    const product = await objective.hessianProduct(point, vector);
    products.dispose();
    expect(distance(product, ahead.map((value, i) => (value - behind[i]!) / (2 * step)))).toBeLessThan(2e-3);
  });
});

describe('weighed images', () => {
  it('count as often as they weigh: a weight of two is the image given twice, of zero the image left out', async () => {
    const weights = Float64Array.from(labels, (_, row) => row % 3);
    const rows = [...labels.keys()].flatMap((row) => Array.from({ length: row % 3 }, () => row));
    const even = standardise(table, standardisation(table));
    const width = even.shape[1]!;
    const repeated = { data: Float32Array.from(rows.flatMap((row) => [...even.data.subarray(row * width, (row + 1) * width)])), shape: [rows.length, width] };
    const solved = async (of: TensorData, own: Int32Array, weight: (row: number) => number) => {
      const products = new RowProducts(of);
      const objective = new MultinomialLoss(products, own, classes, 0.05, weight);
      const { parameters } = await solver.minimize(objective, new Float64Array((width + 1) * classes), { tolerance: 1e-6 });
      products.dispose();
      return parameters;
    };
    const weighed = await solved(even, labels, (row) => weights[row]!);
    const twice = await solved(repeated, Int32Array.from(rows, (row) => labels[row]!), () => 1);
    expect(distance(weighed, twice)).toBeLessThan(1e-3);
  });
});
