import { describe, expect, it } from '@jest/globals';
import { Pace } from './pace.js';

describe('pace', () => {
  it('tells rate and time left', () => {
    const pace = new Pace(100, 0);
    for (let second = 1; second <= 5; second += 1) pace.advance(10, second * 1000);
    expect(pace.at(5000)).toMatchObject({ done: 50, total: 100, seconds: 5, rate: 10, secondsLeft: 5 });
  });

  it('forgets a slow beginning', () => {
    const pace = new Pace(1000, 0, 10);
    pace.advance(1, 20_000);
    for (let step = 1; step <= 20; step += 1) pace.advance(10, 20_000 + step * 1000);
    expect(pace.at(40_000).rate).toBeCloseTo(10, 5);
    expect(pace.average(40_000)).toBeCloseTo(201 / 40, 5);
  });

  it('says nothing of time left where the total is open or nothing is done', () => {
    expect(new Pace(undefined, 0).at(1000).secondsLeft).toBeUndefined();
    expect(new Pace(10, 0).at(1000).secondsLeft).toBeUndefined();
  });
});
