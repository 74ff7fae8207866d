import '../../../test/conformance/backend.js';
import { describe, expect, it } from '@jest/globals';
import { followsItsScheduler } from '../../../test/conformance/course.js';
import { instance } from '../../../test/conformance/instance.js';
import { Exponential } from './exponential.js';

describe('exponential', () => {
  followsItsScheduler('exponential', (options) => instance(Exponential, options));

  it('falls by a factor in so many steps, smoothly in between', () => {
    const schedule = instance(Exponential, { factor: 0.25, per: 'step', every: 10 });
    const at = (step: number) => schedule.at(0, { step, epoch: 1, history: [] });
    expect([1, 6, 11].map(at)).toEqual([1, 0.5, 0.25]);
  });
});
