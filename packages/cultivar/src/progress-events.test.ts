import { describe, expect, it } from '@jest/globals';
import { progressEvents, type ProgressEvent } from './progress-events.js';

describe('progress as events', () => {
  it('come at the start, at the end, and at most ten times a second', () => {
    let now = 0;
    const events: ProgressEvent[] = [];
    const task = progressEvents((event) => events.push(event), () => now).start('Features', 100, 'images');
    for (let step = 0; step < 100; step += 1) {
      now += 10;
      task.advance();
    }
    task.finish('all');
    task.finish();
    expect(events).toHaveLength(12);
    expect(events[0]).toEqual({ label: 'Features', done: 0, total: 100, unit: 'images', rate: 0, finished: false });
    expect(events[5]).toMatchObject({ done: 50, finished: false });
    expect(events[5]?.rate).toBeCloseTo(100, 0);
    expect(events[5]?.secondsLeft).toBeCloseTo(0.5, 1);
    expect(events.at(-1)).toMatchObject({ done: 100, finished: true, note: 'all' });
  });
});
