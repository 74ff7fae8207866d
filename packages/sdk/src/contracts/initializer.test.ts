import { describe, expect, it } from '@jest/globals';
import { fansOf } from './initializer.js';

describe('fansOf', () => {
  it.each([
    { layer: 'other', shape: [300, 100], fanIn: 300, fanOut: 100 },
    { layer: 'other', shape: [3, 5, 32, 64], fanIn: 480, fanOut: 960 },
    { layer: 'other', shape: [7], fanIn: 7, fanOut: 7 },
    { layer: 'depthwise', shape: [3, 3, 32, 1], fanIn: 9, fanOut: 9 },
    { layer: 'depthwise', shape: [3, 3, 32, 4], fanIn: 9, fanOut: 36 },
  ] as const)('$layer $shape', ({ layer, shape, fanIn, fanOut }) => {
    expect(fansOf(shape, layer)).toEqual({ fanIn, fanOut });
  });
});
