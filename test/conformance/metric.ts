import type { Metric } from '@cultivar/sdk';
import { expect } from '@jest/globals';
import type { Checks } from './subject.js';

export const metricChecks: Checks<Metric> = {
  'gives a finite number, the same twice, and leaves the predictions as they were': ({ make }) => {
    const predictions = { probabilities: { data: Float32Array.of(0.9, 0.1, 0.4, 0.6, 0.7, 0.3), shape: [3, 2] }, labels: Int32Array.of(0, 1, 1) };
    const before = JSON.stringify(predictions);
    const found = make().compute(predictions);
    expect(Number.isFinite(found)).toBe(true);
    expect(make().compute(predictions)).toBe(found);
    expect(JSON.stringify(predictions)).toBe(before);
  },
};
