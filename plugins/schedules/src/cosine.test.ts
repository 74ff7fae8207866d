import '../../../test/conformance/backend.js';
import { describe, expect, it } from '@jest/globals';
import { followsItsScheduler } from '../../../test/conformance/course.js';
import { instance } from '../../../test/conformance/instance.js';
import { Cosine } from './cosine.js';

describe('cosine', () => {
  followsItsScheduler('cosine', (options) => instance(Cosine, options));

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
