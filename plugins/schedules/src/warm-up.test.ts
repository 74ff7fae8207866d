import '../../../test/conformance/backend.js';
import { describe, expect, it } from '@jest/globals';
import type { Schedule } from '@cultivar/sdk';
import { followsItsScheduler } from '../../../test/conformance/course.js';
import { creator } from '../../../test/conformance/created.js';
import plugin from './index.js';

const create = await creator(plugin);

describe('warm-up', () => {
  followsItsScheduler('warm-up', (options) => create<Schedule>('schedule', { name: 'warm-up', ...options }));

  it('leaves the schedule behind it its whole course, and tells it of epochs', () => {
    const state = { step: 1, epoch: 1, history: [] };
    const line = create<Schedule>('schedule', 'warm-up:of=polynomial,share=0.2,from=0.5');
    expect([0, 0.1, 0.2, 0.6, 1].map((position) => line.at(position, state))).toEqual([0.5, 0.75, 1, 0.5, 0]);
    expect(create<Schedule>('schedule', 'warm-up:of=step:every=1').at(0.5, { ...state, epoch: 3 })).toBe(0.25);
  });

  it('refuses a schedule that is not there', () => {
    expect(() => create<Schedule>('schedule', 'warm-up:of=nothing')).toThrow(expect.objectContaining({ code: 'CONTRIBUTION_UNKNOWN' }));
  });
});
