import { describe, expect, it } from '@jest/globals';
import { golden, instance } from '../../../test/conformance/instance.js';
import { MacroF1 } from './macro-f1.js';

interface Golden {
  metrics: { probabilities: number[][]; labels: number[]; macroF1: number }[];
}
const predictions = (rows: number[][], labels: number[]) => ({ probabilities: { data: Float32Array.from(rows.flat()), shape: [rows.length, rows[0]!.length] }, labels: Int32Array.from(labels) });

describe('macro-f1', () => {
  it.each([0, 1, 2])('agrees with scikit-learn: predictions %i', (index) => {
    const { probabilities, labels, macroF1: expected } = golden<Golden>('metrics').metrics[index]!;
    expect(instance<MacroF1>(MacroF1).compute(predictions(probabilities, labels))).toBeCloseTo(expected, 6);
  });

  it('counts a class without images that was predicted', () => {
    expect(instance<MacroF1>(MacroF1).compute(predictions([[1, 0, 0], [0, 1, 0]], [0, 0]))).toBeCloseTo(1 / 3, 12);
  });
});
