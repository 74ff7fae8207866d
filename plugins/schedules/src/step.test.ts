import '../../../test/conformance/backend.js';
import { describe, expect, it } from '@jest/globals';
import { followsItsScheduler } from '../../../test/conformance/course.js';
import { instance } from '../../../test/conformance/instance.js';
import { Step } from './step.js';

describe('step', () => {
  followsItsScheduler('step', (options) => instance(Step, options));

  it('drops behind an epoch, not within', () => {
    const schedule = instance(Step, { every: 2, factor: 0.1 });
    const at = (epoch: number) => schedule.at(0, { step: 1, epoch, history: [] });
    expect([1, 2, 3, 4, 5].map(at)).toEqual([1, 1, 0.1, 0.1, 0.1 ** 2]);
  });
});
