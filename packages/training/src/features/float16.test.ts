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

  it('decodes every pattern to the number that its bits stand for, and those that are no number with their bits', () => {
    const decoded = decodeFloat16(Uint16Array.from({ length: 65_536 }, (_, pattern) => pattern));
    const bits = new Uint32Array(decoded.buffer);
    const wrong = [...decoded.keys()].filter((pattern) => {
      const [sign, exponent, fraction] = [pattern >>> 15, (pattern >>> 10) & 31, pattern & 1023];
      // IEEE 754: an exponent of all ones is for infinities and what is no number; one of all zeros has no leading one.
      if (exponent === 31) return bits[pattern] !== (((sign << 31) | (255 << 23) | (fraction << 13)) >>> 0);
      const size = exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25);
      return !Object.is(decoded[pattern], sign === 1 ? -size : size);
    });
    expect(wrong).toEqual([]);
  });

  it('reads and writes parts of arrays, wherever they begin and however long they are', () => {
    const encoded = encodeFloat16(Float32Array.of(1, -2, 3, -4, 5, -6));
    for (let begin = 0; begin < 3; begin += 1) {
      for (let end = begin; end <= 6; end += 1) {
        const target = new Float32Array(9).fill(7);
        decodeFloat16(encoded.subarray(begin, end), target.subarray(1, 8));
        expect([...target]).toEqual([7, ...[1, -2, 3, -4, 5, -6].slice(begin, end), ...Array(8 - end + begin).fill(7)]);
      }
    }
  });

  it('is right to one part in 2048', () => {
    const values = Float32Array.from({ length: 5000 }, (_, i) => (i % 2 ? 1 : -1) * 10 ** ((i / 5000) * 8 - 4));
    decodeFloat16(encodeFloat16(values)).forEach((value, i) => expect(Math.abs(value / values[i]! - 1)).toBeLessThanOrEqual(2 ** -11));
  });
});
