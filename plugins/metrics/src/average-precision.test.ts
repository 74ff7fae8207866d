import { describe, expect, it } from '@jest/globals';
import { golden, instance } from '../../../test/conformance/instance.js';
import { AveragePrecision } from './average-precision.js';

interface Golden {
  metrics: { probabilities: number[][]; labels: number[]; averagePrecision: number }[];
}
const predictions = (rows: number[][], labels: number[]) => ({ probabilities: { data: Float32Array.from(rows.flat()), shape: [rows.length, rows[0]!.length] }, labels: Int32Array.from(labels) });

describe('average-precision', () => {
  it.each([0, 1, 2])('agrees with scikit-learn: predictions %i', (index) => {
    const { probabilities, labels, averagePrecision: expected } = golden<Golden>('metrics').metrics[index]!;
    expect(instance<AveragePrecision>(AveragePrecision).compute(predictions(probabilities, labels))).toBeCloseTo(expected, 6);
  });

  it('is the share of the class where all are alike', () => {
    expect(instance<AveragePrecision>(AveragePrecision).compute(predictions([[0.5, 0.5], [0.5, 0.5], [0.5, 0.5], [0.5, 0.5]], [0, 1, 1, 1]))).toBeCloseTo((0.25 + 0.75) / 2, 12);
  });
});
