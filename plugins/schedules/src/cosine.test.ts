import { describe, expect, it } from '@jest/globals';
import { distance, golden, instance } from '../../../test/conformance/instance.js';
import { Cosine } from './cosine.js';

interface Golden {
  steps: number;
  cases: { name: string; options: Record<string, unknown>; rates: number[] }[];
}
const { steps, cases } = golden<Golden>('schedules');

describe('cosine', () => {
  it.each(cases.filter(({ name }) => name === 'cosine'))('equals the peer step by step: $options', ({ options, rates }) => {
    const schedule = instance(Cosine, options);
    const found = rates.map((_rate, index) => schedule.at(index / steps));
    expect(distance(found, rates)).toBeLessThan(1e-12);
  });

  it('ends at the floor', () => {
    expect(instance(Cosine, { floor: 0.2 }).at(1)).toBeCloseTo(0.2, 12);
  });

  it('starts from nothing with a warm-up, and meets the cosine at its top', () => {
    const schedule = instance(Cosine, { warmup: 0.1 });
    expect(schedule.at(0)).toBe(0);
    expect(schedule.at(0.1)).toBe(1);
    expect(schedule.at(1)).toBeCloseTo(0, 12);
  });
});
