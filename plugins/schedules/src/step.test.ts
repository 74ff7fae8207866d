import '../../../test/conformance/backend.js';
import { describe, expect, it } from '@jest/globals';
import { followsItsScheduler } from '../../../test/conformance/course.js';
import { instance } from '../../../test/conformance/instance.js';
import { Step } from './step.js';

describe('step', () => {
  // Where the rate has become small all steps are alike and round the same way: 1.8e-5; at worst 1,000 times half a unit in the last
  // place of weights between 4 and 8, 2.4e-4 in all.
  followsItsScheduler('step', (options) => instance(Step, options), 3e-5);

  it('drops behind an epoch, not within', () => {
    const schedule = instance(Step, { every: 2, factor: 0.1 });
    const at = (epoch: number) => schedule.at(0, { step: 1, epoch, history: [] });
    expect([1, 2, 3, 4, 5].map(at)).toEqual([1, 1, 0.1, 0.1, 0.1 ** 2]);
  });
});
