import { describe, expect, it } from '@jest/globals';
import { golden, instance } from '../../../test/conformance/instance.js';
import { AreaUnderCurve } from './auc.js';

interface Golden {
  metrics: { probabilities: number[][]; labels: number[]; auc: number }[];
}
const predictions = (rows: number[][], labels: number[]) => ({ probabilities: { data: Float32Array.from(rows.flat()), shape: [rows.length, rows[0]!.length] }, labels: Int32Array.from(labels) });

describe('auc', () => {
  it.each([0, 1, 2])('agrees with scikit-learn: predictions %i', (index) => {
    const { probabilities, labels, auc: expected } = golden<Golden>('metrics').metrics[index]!;
    expect(instance<AreaUnderCurve>(AreaUnderCurve).compute(predictions(probabilities, labels))).toBeCloseTo(expected, 6);
  });

  it('is one half where all are alike, and has no value where there is one class alone', () => {
    expect(instance<AreaUnderCurve>(AreaUnderCurve).compute(predictions([[0.5, 0.5], [0.5, 0.5], [0.5, 0.5]], [0, 1, 1]))).toBe(0.5);
    expect(instance<AreaUnderCurve>(AreaUnderCurve).compute(predictions([[0.5, 0.5], [0.5, 0.5]], [1, 1]))).toBeNaN();
  });
});
