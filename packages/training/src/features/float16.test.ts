import { describe, expect, it } from '@jest/globals';
import { golden } from '../../../../test/conformance/instance.js';
import { decodeFloat16, encodeFloat16 } from './float16.js';

describe('half precision', () => {
  it('rounds as NumPy does', () => {
    const { values, encoded } = golden<{ half: { values: number[]; encoded: number[] } }>('classification').half;
    expect([...encodeFloat16(Float32Array.from(values))]).toEqual(encoded);
  });

  it('every value is its own encoding', () => {
    const all = Uint16Array.from({ length: 65_536 }, (_, pattern) => pattern).filter((pattern) => (pattern & 0x7fff) <= 0x7c00);
    expect(encodeFloat16(decodeFloat16(all))).toEqual(all);
  });

  it('is right to one part in 2048', () => {
    const values = Float32Array.from({ length: 5000 }, (_, i) => (i % 2 ? 1 : -1) * 10 ** ((i / 5000) * 8 - 4));
    decodeFloat16(encodeFloat16(values)).forEach((value, i) => expect(Math.abs(value / values[i]! - 1)).toBeLessThanOrEqual(2 ** -11));
  });
});
