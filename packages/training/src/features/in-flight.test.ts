import { describe, expect, it } from '@jest/globals';
import { setTimeout as wait } from 'node:timers/promises';
import { InFlight } from './in-flight.js';

describe('jobs in flight', () => {
  it('are as many as may be at once, and all done in the end', async () => {
    const jobs = new InFlight(2);
    let [now, most, done] = [0, 0, 0];
    for (let job = 0; job < 7; job += 1) {
      await jobs.add(async () => {
        now += 1;
        most = Math.max(most, now);
        await wait(job % 3);
        now -= 1;
        done += 1;
      });
    }
    await jobs.done();
    expect({ now, most, done }).toEqual({ now: 0, most: 2, done: 7 });
  });

  it('do not lose a failure, however long nobody looks', async () => {
    const jobs = new InFlight(2);
    await jobs.add(() => Promise.reject(new Error('the first')));
    await wait(5);
    await expect(jobs.add(async () => {})).rejects.toThrow('the first');
    await expect(jobs.done()).rejects.toThrow('the first');
    await jobs.settled();
  });
});
