import '../../../test/conformance/backend.js';
import { describe, expect, it } from '@jest/globals';
import { followsItsScheduler } from '../../../test/conformance/course.js';
import { instance } from '../../../test/conformance/instance.js';
import { Polynomial } from './polynomial.js';

describe('polynomial', () => {
  followsItsScheduler('polynomial', (options) => instance(Polynomial, options));

  it('ends at the floor', () => {
    const schedule = instance(Polynomial, { power: 3, floor: 0.2 });
    expect([schedule.at(0), schedule.at(1), schedule.at(1.1)]).toEqual([1, 0.2, 0.2]);
  });
});
