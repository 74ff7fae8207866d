import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { difference, plain } from '../test/drawn-images.js';
import { canvasFromPixels } from './canvas.js';

interface Golden {
  width: number;
  height: number;
  size: number;
  stretch: Record<'linear' | 'cubic' | 'lanczos3', number[]>;
  enlarge: Record<string, number[]>;
}
const golden = JSON.parse(readFileSync(new URL('../../../test/golden/canvases.json', import.meta.url), 'utf8')) as Golden;

/** The pattern that test/golden/canvases.py draws. */
function drawPattern(): Uint8Array {
  const { width, height } = golden;
  const pixels = new Uint8Array(width * height * 3);
  for (let y = 0, at = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      for (let c = 0; c < 3; c += 1, at += 1) pixels[at] = ((x * (2 + c) + y * (3 - c) + ((Math.floor(x / 9) + Math.floor(y / 7)) % 2) * 60) % 200) + 20;
    }
  }
  return pixels;
}

describe('resampling', () => {
  it.each(['linear', 'cubic', 'lanczos3'] as const)('%s is that of Pillow', async (kernel) => {
    const { width, height, size } = golden;
    const canvas = await canvasFromPixels(drawPattern(), height, width, { ...plain, size, kernel });
    const expected = Uint8Array.from(golden.stretch[kernel]);
    expect(difference(canvas, expected)).toBeLessThan(0.6);
    // At hard edges the two differ: libvips places its kernels at fractions of a pixel, in fixed point.
    expect(Math.max(...canvas.map((value, at) => Math.abs(value - expected[at]!)))).toBeLessThanOrEqual(16);
  });

  it.each(Object.keys(golden.enlarge))('enlarging, %s px, puts every pixel where Pillow does', async (name) => {
    const [kernel, side] = name.split(' ') as ['linear' | 'cubic', string];
    const size = Number(side);
    const canvas = await canvasFromPixels(drawPattern(), golden.height, golden.width, { ...plain, size, kernel });
    // Half a pixel of displacement makes a difference of 8 levels and more here.
    expect(difference(canvas, Uint8Array.from(golden.enlarge[name]!))).toBeLessThan(0.3);
  });
});
