import '../../../test/conformance/backend.js';
import { createRandom } from '@cultivar/kernel';
import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { applied, goldenBatch, record } from '../../../test/conformance/batch.js';
import { draws, moments, tolerance } from '../../../test/conformance/distribution.js';
import { distance, instance, scripted } from '../../../test/conformance/instance.js';
import { changed } from '../../../test/conformance/operations.js';
import { Cutout } from './cutout.js';
import { regionMask } from './region.js';

const [, height, width] = record.shape;

describe('cutout', () => {
  it('blanks out on average the square less what is clipped away', () => {
    const [rows, columns] = [9, 7];
    const { images } = changed(instance(Cutout, { size: 4 / 7, fill: 0 }), createRandom(4), { images: Array.from({ length: draws * rows * columns * 3 }, () => 1), shape: [draws, rows, columns, 3] });
    const blank = Array.from({ length: draws }, (_, index) => images.subarray(index * rows * columns * 3, (index + 1) * rows * columns * 3).filter((value) => value === 0).length / 3);
    // Two pixels on either side of the centre.
    const lengths = (limit: number) => Array.from({ length: limit }, (_, centre) => Math.min(limit, centre + 2) - Math.max(0, centre - 2));
    const areas = lengths(rows).flatMap((height_) => lengths(columns).map((width_) => height_ * width_));
    expect(Math.abs(moments(blank).mean - moments(areas).mean)).toBeLessThan(tolerance(Math.sqrt(moments(areas).variance)));
  });

  it('erases as torchvision does', () => {
    const { top, left, height: h, width: w, fill, images } = record.erase;
    const region = { top, left, bottom: top + h, right: left + w };
    const found = tf.tidy(() => {
      const mask = regionMask(Array.from({ length: 4 }, () => region), height, width);
      return tf.add(tf.mul(goldenBatch().images, tf.sub(1, mask)), tf.mul(mask, fill)).dataSync();
    });
    expect(distance(found, images)).toBeLessThan(1e-6);
  });

  it('is clipped at the edges, and leaves the rest as it was', () => {
    // Side 4 of 7: two pixels on either side of the centres (0, 0), (8, 6), (4, 3), (0, 3).
    const { images } = applied(instance(Cutout, { size: 0.6, fill: 0 }), scripted({ integer: [0, 0, 8, 6, 4, 3, 0, 3] }));
    const blank = [4, 9, 16, 8];
    blank.forEach((pixels, image) => {
      const offset = image * height * width * 3;
      const changed = record.images.slice(offset, offset + height * width * 3).filter((value, index) => images[offset + index] !== Math.fround(value));
      const black = images.slice(offset, offset + height * width * 3).filter((value) => value === 0).length;
      // The golden images hold a black pixel and zeros of pure colours of their own, in the first row of the first image.
      expect(changed.length).toBeLessThanOrEqual(pixels * 3);
      expect(black).toBeGreaterThanOrEqual(pixels * 3);
      expect(black).toBeLessThanOrEqual(pixels * 3 + 8);
    });
  });

  it('of size 0 is identity', () => {
    expect([...applied(instance(Cutout, { size: 0 }), createRandom(0)).images]).toEqual([...Float32Array.from(record.images)]);
  });
});
