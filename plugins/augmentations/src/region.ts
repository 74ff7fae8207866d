import * as tf from '@tensorflow/tfjs-core';
import type { Random } from '@cultivar/sdk';

/** A rectangle of pixels: rows top..bottom-1, columns left..right-1. */
export interface Region {
  top: number;
  bottom: number;
  left: number;
  right: number;
}

/**
 * A rectangle about a centre that is drawn evenly over all pixels (row first), half of its sides rounded down on either
 * side; what falls outside the image is clipped away, so a region near the edge is smaller than asked for.
 */
export function drawRegion(image: { height: number; width: number }, size: { height: number; width: number }, random: Random): Region {
  const [top, bottom] = span(random.integer(image.height), size.height, image.height);
  const [left, right] = span(random.integer(image.width), size.width, image.width);
  return { top, bottom, left, right };
}

function span(centre: number, length: number, limit: number): [number, number] {
  const half = Math.floor(length / 2);
  return [Math.max(0, centre - half), Math.min(limit, centre + half)];
}

/** Pixels in the region. */
export function area(region: Region): number {
  return (region.bottom - region.top) * (region.right - region.left);
}

/** [B, H, W, 3], 1 inside the region of each image, 0 elsewhere: the outer product of its rows and its columns. */
export function regionMask(regions: readonly Region[], height: number, width: number): tf.Tensor4D {
  const rows = indicator(regions.map(({ top, bottom }) => [top, bottom]), height, 1);
  const columns = indicator(regions.map(({ left, right }) => [left, right]), width, 3);
  const mask = tf.matMul(tf.tensor3d(rows, [regions.length, height, 1]), tf.tensor3d(columns, [regions.length, 1, width * 3]));
  return tf.reshape(mask, [regions.length, height, width, 3]);
}

/** One row of `length * repeat` numbers for each span: 1 from first to before end. */
function indicator(spans: readonly [number, number][], length: number, repeat: number): Float32Array {
  const row = length * repeat;
  const values = new Float32Array(spans.length * row);
  spans.forEach(([first, end], index) => values.fill(1, index * row + first * repeat, index * row + end * repeat));
  return values;
}
