import { describe, expect, it } from '@jest/globals';
import { groupAt, groupsOf, regroup } from './image-groups.js';

describe('groups of images', () => {
  it('are even, and small enough that their largest tensor is', () => {
    // MobileNetV2 at 224 px: 96 channels at 112 px.
    const largest = 96 * 112 * 112;
    expect(groupsOf(16, largest)).toEqual({ size: 16, count: 1 });
    expect(groupsOf(20, largest)).toEqual({ size: 10, count: 2 });
    expect(groupsOf(34, largest)).toEqual({ size: 12, count: 3 });
    expect(groupsOf(16, 1000)).toEqual({ size: 16, count: 1 });
    expect(groupsOf(3, 1e9)).toEqual({ size: 1, count: 3 });
    for (let batch = 1; batch < 70; batch++) {
      const { size, count } = groupsOf(batch, largest);
      expect(size * count).toBeGreaterThanOrEqual(batch);
      expect(size * (count - 1)).toBeLessThan(batch);
    }
  });

  it('of a size that is there already take any batch', () => {
    expect(regroup(10, 4)).toEqual({ size: 4, count: 3 });
    expect(regroup(2, 4)).toEqual({ size: 4, count: 1 });
  });

  it('are filled up with zeros', () => {
    const numbers = Float32Array.from([1, 2, 3, 4, 5, 6]);
    expect([0, 1].map((index) => Array.from(groupAt(numbers, index, 2, 2)))).toEqual([[1, 2, 3, 4], [5, 6, 0, 0]]);
  });
});
