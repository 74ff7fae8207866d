import { describe, expect, it } from '@jest/globals';
import { distance, golden, instance } from '../../../test/conformance/instance.js';
import { Step } from './step.js';

interface Golden {
  steps: number;
  cases: { name: string; options: Record<string, unknown>; rates: number[] }[];
}
const { steps, cases } = golden<Golden>('schedules');

describe('step', () => {
  it.each(cases.filter(({ name }) => name === 'step'))('equals the peer step by step: $options', ({ options, rates }) => {
    const schedule = instance(Step, options);
    const found = rates.map((_rate, index) => schedule.at(index / steps, { step: index + 1, epoch: index + 1, history: [] }));
    expect(distance(found, rates)).toBeLessThan(1e-12);
  });

  it('drops behind an epoch, not within', () => {
    const schedule = instance(Step, { every: 2, factor: 0.1 });
    const at = (epoch: number) => schedule.at(0, { step: 1, epoch, history: [] });
    expect([1, 2, 3, 4, 5].map(at)).toEqual([1, 1, 0.1, 0.1, 0.1 ** 2]);
  });
});
