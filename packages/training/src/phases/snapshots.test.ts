import { describe, expect, it } from '@jest/globals';
import { cyclePosition } from './snapshots.js';

describe('the place in a cycle', () => {
  it('is the place in the phase where there are no snapshots', () => {
    expect([1, 2, 3, 4, 5].map((step) => cyclePosition(step, 5))).toEqual([0, 0.25, 0.5, 0.75, 1]);
    expect(cyclePosition(1, 1)).toBe(0);
  });

  it('begins anew after each snapshot, and has come to the end with it', () => {
    expect(Array.from({ length: 6 }, (_, index) => cyclePosition(index + 1, 6, 2))).toEqual([0, 0.5, 1, 0, 0.5, 1]);
  });
});
