import { describe, expect, it } from '@jest/globals';
import { bitmap, bitmap24, drawPixels } from '../test/drawn-images.js';
import { decodeBitmap, isBitmap, readBitmapHeader } from './bmp.js';

const palette = (...colours: [number, number, number][]) => Uint8Array.from(colours.flatMap(([red, green, blue]) => [blue, green, red, 0]));
const red = [255, 0, 0];
const green = [0, 255, 0];
const blue = [0, 0, 255];
const word = (value: number) => [value & 255, value >> 8, 0, 0];

describe('BMP', () => {
  it.each([1, 2, 3, 4, 5])('reads 24 bits, rows padded to four bytes, width %i', (width) => {
    const pixels = drawPixels(width, 7);
    const file = bitmap24(pixels, width, 7);
    expect(isBitmap(file)).toBe(true);
    expect(decodeBitmap(file)).toEqual({ width, height: 7, pixels });
  });

  it('reads rows from the top where the height is negative', () => {
    const rows = Uint8Array.from([0, 0, 255, 0, 0, 255, 0, 0]);
    expect([...decodeBitmap(bitmap({ width: 1, height: -2, bits: 24, rows })).pixels]).toEqual([...red, ...green]);
    expect([...decodeBitmap(bitmap({ width: 1, height: 2, bits: 24, rows })).pixels]).toEqual([...green, ...red]);
  });

  it('reads 1, 4 and 8 bits through the palette, odd widths too', () => {
    const after = palette([255, 0, 0], [0, 255, 0], [0, 0, 255]);
    const of = (bits: number, width: number, rows: number[]) => {
      const full = new Uint8Array((1 << bits) * 4);
      full.set(after.subarray(0, full.length));
      return [...decodeBitmap(bitmap({ width, height: 1, bits, rows: Uint8Array.from(rows), after: full })).pixels];
    };
    expect(of(8, 3, [0, 1, 2, 0])).toEqual([...red, ...green, ...blue]);
    expect(of(4, 3, [0x01, 0x20, 0, 0])).toEqual([...red, ...green, ...blue]);
    expect(of(1, 3, [0b01000000, 0, 0, 0])).toEqual([...red, ...green, ...red]);
  });

  it('reads 16 bits (555, and 565 by masks) and 32 bits, whose fourth byte is no alpha', () => {
    expect([...decodeBitmap(bitmap({ width: 1, height: 1, bits: 16, rows: Uint8Array.from(word(0x7c00)) })).pixels]).toEqual(red);
    const masks = Uint8Array.from([0x00, 0xf8, 0, 0, 0xe0, 0x07, 0, 0, 0x1f, 0x00, 0, 0]);
    expect([...decodeBitmap(bitmap({ width: 1, height: 1, bits: 16, compression: 3, after: masks, rows: Uint8Array.from(word(0x07e0)) })).pixels]).toEqual(green);
    expect([...decodeBitmap(bitmap({ width: 1, height: 1, bits: 32, rows: Uint8Array.from([255, 0, 0, 0]) })).pixels]).toEqual(blue);
    const high = Uint8Array.from([0, 0, 0, 0xff, 0, 0, 0xff, 0, 0, 0xff, 0, 0]);
    expect([...decodeBitmap(bitmap({ width: 1, height: 1, bits: 32, compression: 3, after: high, rows: Uint8Array.from([0, 0, 0, 255]) })).pixels]).toEqual(red);
  });

  it('lays what a declared alpha makes transparent onto white; alpha that is zero everywhere is none', () => {
    const file = (alphas: number[]) => {
      const header = Buffer.alloc(14 + 124);
      header.write('BM', 0, 'latin1');
      for (const [at, value] of [[10, 138], [14, 124], [18, alphas.length], [22, 1], [30, 3], [54, 0xff0000], [58, 0xff00], [62, 0xff], [66, 0xff000000]] as const) header.writeUInt32LE(value, at);
      header.writeUInt16LE(32, 28);
      return Buffer.concat([header, Uint8Array.from(alphas.flatMap((alpha) => [0, 0, 255, alpha]))]);
    };
    expect([...decodeBitmap(file([255, 0, 51])).pixels]).toEqual([...red, 255, 255, 255, 255, 204, 204]);
    expect([...decodeBitmap(file([0, 0])).pixels]).toEqual([...red, ...red]);
  });

  it('says why it does not read the rest', () => {
    const rows = new Uint8Array(4);
    expect(() => decodeBitmap(bitmap({ width: 1, height: 1, bits: 8, compression: 1, rows }))).toThrow(/compressed/);
    expect(() => decodeBitmap(bitmap({ width: 1, height: 1, bits: 7, rows }))).toThrow(/7 bits/);
    expect(() => decodeBitmap(bitmap({ width: 0, height: 1, bits: 24, rows }))).toThrow(/no pixels/);
    expect(() => decodeBitmap(bitmap24(drawPixels(9, 9), 9, 9).subarray(0, 100))).toThrow(/cut off/);
    expect(() => readBitmapHeader(bitmap24(drawPixels(9, 9), 9, 9).subarray(0, 30))).toThrow(/cut off/);
    expect(isBitmap(Buffer.from('BMW drives well, says this text file'))).toBe(false);
  });
});
