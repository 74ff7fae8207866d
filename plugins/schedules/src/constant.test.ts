import { describe, expect, it } from '@jest/globals';
import { distance, golden, instance } from '../../../test/conformance/instance.js';
import { Constant } from './constant.js';

interface Golden {
  cases: { name: string; options: Record<string, unknown>; rates: number[] }[];
}
const { cases } = golden<Golden>('schedules');

describe('constant', () => {
  it.each(cases.filter(({ name }) => name === 'constant'))('equals the peer step by step: $options', ({ options, rates }) => {
    const schedule = instance(Constant, options);
    const found = rates.map(() => schedule.at());
    expect(distance(found, rates)).toBeLessThan(1e-12);
  });
});
