/**
 * Enlarging with pixel centres where PIL, torchvision and TensorFlow have them: output pixel u looks at (u + 0.5) / scale - 0.5,
 * and a kernel that reaches over the edge is cut off and its weights made to sum to one again, as in PIL.
 *
 * Why not libvips: its resize sets an enlarged image half a pixel towards the upper left, which moves what a network sees
 * (0.257 instead of 0.246 validation log-loss on 227 px flowers shown at 256 px), and its affine transform, placed
 * exactly, takes twice the time.
 */
import type { Preprocessing } from '@cultivar/sdk';

type Kernel = NonNullable<Preprocessing['kernel']>;

/** Interpolation kernels and how far they reach, in input pixels. Keys, 1981 (Catmull-Rom: a = -1/2); Duchon, 1979 (Lanczos). */
const kernels: Record<Kernel, { reach: number; at: (distance: number) => number }> = {
  linear: { reach: 1, at: (d) => 1 - d },
  cubic: { reach: 2, at: (d) => (d < 1 ? 1.5 * d ** 3 - 2.5 * d ** 2 + 1 : -0.5 * d ** 3 + 2.5 * d ** 2 - 4 * d + 2) },
  lanczos3: { reach: 3, at: (d) => (d === 0 ? 1 : (3 * Math.sin(Math.PI * d) * Math.sin((Math.PI * d) / 3)) / (Math.PI * d) ** 2) },
};

/** One axis: `from` pixels become `to`, of which `count` from `start` on are wanted. */
export interface Axis {
  from: number;
  to: number;
  start: number;
  count: number;
}

/**
 * @param pixels [down.from, across.from, 3], uint8; each axis may stay or grow, not shrink
 * @returns [down.count, across.count, 3], uint8
 */
export function enlarge(pixels: Uint8Array, down: Axis, across: Axis, kernel: Kernel): Uint8Array {
  const columns = weights(across, kernel);
  const rows = weights(down, kernel);
  const width = across.count * 3;
  const stretched = new Float32Array(down.from * width);
  for (let y = 0, out = 0; y < down.from; y += 1) {
    const row = y * across.from * 3;
    for (let x = 0; x < across.count; x += 1) {
      let red = 0;
      let green = 0;
      let blue = 0;
      for (let tap = x * columns.taps; tap < (x + 1) * columns.taps; tap += 1) {
        const weight = columns.weight[tap]!;
        const at = row + columns.index[tap]! * 3;
        red += weight * pixels[at]!;
        green += weight * pixels[at + 1]!;
        blue += weight * pixels[at + 2]!;
      }
      stretched[out++] = red;
      stretched[out++] = green;
      stretched[out++] = blue;
    }
  }
  const canvas = new Uint8ClampedArray(down.count * width);
  const sums = new Float32Array(width);
  for (let y = 0; y < down.count; y += 1) {
    sums.fill(0);
    for (let tap = y * rows.taps; tap < (y + 1) * rows.taps; tap += 1) {
      const weight = rows.weight[tap]!;
      const row = rows.index[tap]! * width;
      for (let x = 0; x < width; x += 1) sums[x] = sums[x]! + weight * stretched[row + x]!;
    }
    canvas.set(sums, y * width);
  }
  return new Uint8Array(canvas.buffer);
}

/** For every wanted output pixel: which input pixels it takes, and how much of each. */
function weights({ from, to, start, count }: Axis, kernel: Kernel): { taps: number; index: Int32Array; weight: Float32Array } {
  const { reach, at } = kernels[kernel];
  const taps = 2 * reach;
  const index = new Int32Array(count * taps);
  const weight = new Float32Array(count * taps);
  for (let pixel = 0; pixel < count; pixel += 1) {
    const centre = ((pixel + start + 0.5) * from) / to - 0.5;
    const first = Math.floor(centre) - reach + 1;
    let sum = 0;
    for (let tap = 0; tap < taps; tap += 1) {
      const input = first + tap;
      const distance = Math.abs(centre - input);
      if (input < 0 || input >= from || distance >= reach) continue;
      index[pixel * taps + tap] = input;
      weight[pixel * taps + tap] = at(distance);
      sum += at(distance);
    }
    for (let tap = 0; tap < taps; tap += 1) weight[pixel * taps + tap]! /= sum;
  }
  return { taps, index, weight };
}
