import '../../../test/conformance/backend.js';
import { describe, expect, it } from '@jest/globals';
import { followsItsScheduler } from '../../../test/conformance/course.js';
import { instance } from '../../../test/conformance/instance.js';
import { OneCycle } from './one-cycle.js';

describe('one-cycle', () => {
  followsItsScheduler('one-cycle', (options) => instance(OneCycle, options));

  it.each(['cosine', 'line'])('starts, peaks and ends where it is told: %s', (shape) => {
    const schedule = instance(OneCycle, { rise: 0.25, start: 0.1, end: 0.01, shape });
    expect(schedule.at(0)).toBeCloseTo(0.1, 12);
    expect(schedule.at(0.25)).toBe(1);
    expect(schedule.at(1)).toBeCloseTo(0.01, 12);
  });
});
