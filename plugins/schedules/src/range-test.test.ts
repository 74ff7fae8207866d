import { describe, expect, it } from '@jest/globals';
import { instance } from '../../../test/conformance/instance.js';
import { RangeTest } from './range-test.js';

describe('range-test', () => {
  it('takes equal steps on a logarithmic scale', () => {
    const schedule = instance(RangeTest, { from: 1e-4, to: 100 });
    [1e-4, 1e-2, 1, 100].forEach((multiplier, index) => expect(schedule.at(index / 3) / multiplier).toBeCloseTo(1, 10));
  });
});
