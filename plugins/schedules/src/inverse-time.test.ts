import '../../../test/conformance/backend.js';
import { describe, expect, it } from '@jest/globals';
import { followsItsScheduler } from '../../../test/conformance/course.js';
import { instance } from '../../../test/conformance/instance.js';
import { InverseTime } from './inverse-time.js';

describe('inverse-time', () => {
  followsItsScheduler('inverse-time', (options) => instance(InverseTime, options));

  it('is a half after 1 / k', () => {
    const schedule = instance(InverseTime, { k: 0.25 });
    expect([1, 5, 13].map((epoch) => schedule.at(0, { step: 1, epoch, history: [] }))).toEqual([1, 0.5, 0.25]);
  });
});
