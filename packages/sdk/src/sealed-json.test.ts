import { describe, expect, it } from '@jest/globals';
import { openSealedJson, sealJson } from './sealed-json.js';

describe('sealed JSON', () => {
  const content = { name: 'x', loss: 0.125, list: [1, { sha256: 'not the seal' }] };

  it('gives back what was sealed, and is JSON that anything reads', () => {
    for (const one of [content, {}, { sha256: 'of something else' }]) {
      expect(openSealedJson(sealJson(one))).toEqual(one);
      expect(JSON.parse(sealJson(one))).toMatchObject({ sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
    }
    expect(openSealedJson(sealJson({ loss: Infinity }), (_, value) => value ?? Infinity)).toEqual({ loss: Infinity });
  });

  it('of which a single bit is other, or that was cut off, gives nothing', () => {
    const whole = Buffer.from(sealJson(content));
    for (let bit = 0; bit < whole.length * 8; bit += 1) {
      const damaged = Buffer.from(whole);
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      expect(openSealedJson(damaged.toString('utf8'))).toBeUndefined();
    }
    for (let length = 0; length < whole.length; length += 1) expect(openSealedJson(whole.toString('utf8', 0, length))).toBeUndefined();
    expect(openSealedJson(JSON.stringify(content))).toBeUndefined();
  });
});
