import { describe, expect, it } from '@jest/globals';
import { golden, instance } from '../../../test/conformance/instance.js';
import { BrierScore } from './brier-score.js';

interface Golden {
  metrics: { probabilities: number[][]; labels: number[]; brierScore: number }[];
}
const predictions = (rows: number[][], labels: number[]) => ({ probabilities: { data: Float32Array.from(rows.flat()), shape: [rows.length, rows[0]!.length] }, labels: Int32Array.from(labels) });

describe('brier-score', () => {
  it.each([0, 1, 2])('agrees with scikit-learn: predictions %i', (index) => {
    const { probabilities, labels, brierScore: expected } = golden<Golden>('metrics').metrics[index]!;
    expect(instance<BrierScore>(BrierScore).compute(predictions(probabilities, labels))).toBeCloseTo(expected, 6);
  });

  it('is 0 at the best and 2 at the worst', () => {
    expect(instance<BrierScore>(BrierScore).compute(predictions([[1, 0], [0, 1]], [0, 1]))).toBe(0);
    expect(instance<BrierScore>(BrierScore).compute(predictions([[1, 0], [0, 1]], [1, 0]))).toBe(2);
  });
});
