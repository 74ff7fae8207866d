import { describe, expect, it } from '@jest/globals';
import { golden, instance } from '../../../test/conformance/instance.js';
import { BalancedAccuracy } from './balanced-accuracy.js';

interface Golden {
  metrics: { probabilities: number[][]; labels: number[]; balancedAccuracy: number }[];
}
const predictions = (rows: number[][], labels: number[]) => ({ probabilities: { data: Float32Array.from(rows.flat()), shape: [rows.length, rows[0]!.length] }, labels: Int32Array.from(labels) });

describe('balanced-accuracy', () => {
  it.each([0, 1, 2])('agrees with scikit-learn: predictions %i', (index) => {
    const { probabilities, labels, balancedAccuracy: expected } = golden<Golden>('metrics').metrics[index]!;
    expect(instance<BalancedAccuracy>(BalancedAccuracy).compute(predictions(probabilities, labels))).toBeCloseTo(expected, 6);
  });

  it('counts every class alike, and only those that have images', () => {
    expect(instance<BalancedAccuracy>(BalancedAccuracy).compute(predictions([[1, 0, 0], [1, 0, 0], [1, 0, 0], [1, 0, 0]], [0, 0, 0, 1]))).toBe(0.5);
  });
});
