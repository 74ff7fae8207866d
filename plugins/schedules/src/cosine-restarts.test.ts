import '../../../test/conformance/backend.js';
import { describe, expect, it } from '@jest/globals';
import { followsItsScheduler } from '../../../test/conformance/course.js';
import { instance } from '../../../test/conformance/instance.js';
import { CosineRestarts } from './cosine-restarts.js';

describe('cosine-restarts', () => {
  followsItsScheduler('cosine-restarts', (options) => instance(CosineRestarts, options));

  it('starts anew on the step that begins a cycle, and ends at the floor', () => {
    const schedule = instance(CosineRestarts, { cycles: 2, growth: 2, floor: 0.1 });
    expect(schedule.at(1 / 3 - 1e-6)).toBeCloseTo(0.1, 6);
    expect(schedule.at(1 / 3)).toBe(1);
    expect(schedule.at(1)).toBeCloseTo(0.1, 12);
    expect(instance(CosineRestarts, { cycles: 1 }).at(0.5)).toBeCloseTo(0.5, 12);
  });
});
