import '../../../test/conformance/backend.js';
import { createRandom } from '@cultivar/kernel';
import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { applied, goldenBatch, record } from '../../../test/conformance/batch.js';
import { distance, instance } from '../../../test/conformance/instance.js';
import { Crop, cropBox, drawRectangle } from './crop.js';
import { sample } from './sampling.js';

const [count, height, width] = record.shape;
const inside = record.crops.filter(({ rectangle: { top, left, height: h, width: w } }) => top > 0 && left > 0 && top + h < height && left + w < width);

/** Whether a pixel of the result reads between the middles of the crop's outermost pixels. */
const within = (index: number, length: number, size: number) => Math.abs(((index + 0.5) * length) / size - length / 2) <= (length - 1) / 2 + 1e-9;

describe('crop', () => {
  it.each(inside)('away from the edge is torchvision, but for the outermost half pixel: $rectangle', ({ rectangle, images }) => {
    const found = tf.tidy(() => sample(goldenBatch().images, Array.from({ length: count }, () => cropBox(rectangle, height, width))).dataSync());
    const comparable = (_value: number, at: number) => {
      const [row, column] = [Math.floor(at / (3 * width)) % height, Math.floor(at / 3) % width];
      return within(row, rectangle.height, height) && within(column, rectangle.width, width);
    };
    const expected = images.filter(comparable);
    expect(expected.length).toBeGreaterThan(0);
    expect(distance(found.filter(comparable), expected)).toBeLessThan(2e-6);
  });

  it('of the whole image is the image', () => {
    const { images } = applied(instance(Crop, { scale: [1, 1], ratio: [width / height, width / height] }), createRandom(0));
    expect([...images]).toEqual([...Float32Array.from(record.images)]);
  });

  it('never reads past the edge, where it would be black', () => {
    const random = createRandom(2);
    tf.tidy(() => {
      for (const size of [5, 64, 96]) {
        const white = tf.ones([16, size, size, 3]) as tf.Tensor4D;
        const { images } = instance(Crop).apply({ images: white, targets: tf.ones([16, 1]) as tf.Tensor2D }, random);
        expect(tf.min(images).dataSync()[0]).toBe(1);
      }
      for (let length = 1; length <= 224; length += 1) {
        const [y1, , y2] = cropBox({ top: 224 - length, left: 0, height: length, width: 224 }, 224, 224);
        const last = Math.fround(Math.fround(y1) * 223 + 223 * Math.fround(Math.fround(Math.fround(y2) - Math.fround(y1)) * 223 / 223));
        expect(last).toBeLessThanOrEqual(223);
      }
    });
  });

  it.each(record.draws)('draws rectangles as torchvision does: $height x $width', ({ height: h, width: w, scale, ratio, means, deviations }) => {
    const random = createRandom(5);
    const drawn = Array.from({ length: 20_000 }, () => drawRectangle(h, w, { scale, ratio }, random));
    const mean = (value: (r: (typeof drawn)[number]) => number) => drawn.reduce((sum, r) => sum + value(r), 0) / drawn.length;
    // Five standard errors of the difference of two such means.
    const close = (found: number, expected: number, deviation: number) =>
      expect(Math.abs(found - expected)).toBeLessThan(5 * deviation * Math.sqrt(2 / drawn.length));
    close(mean((r) => (r.height * r.width) / (h * w)), means.share!, deviations.share!);
    close(mean((r) => Math.log(r.width / r.height)), means.logRatio!, deviations.logRatio!);
    for (const side of ['top', 'left', 'height', 'width'] as const) {
      const spread = Math.sqrt(mean((r) => r[side] ** 2) - mean((r) => r[side]) ** 2);
      close(mean((r) => r[side]), means[side]!, spread);
    }
    for (const { top, left, height: rows, width: columns } of drawn) {
      if (top < 0 || left < 0 || rows < 1 || columns < 1 || top + rows > h || left + columns > w) throw new Error('outside the image');
    }
  });

  it('falls back to the middle where no ratio fits', () => {
    expect(drawRectangle(10, 100, { scale: [1, 1], ratio: [1, 2] }, createRandom(0))).toEqual({ top: 0, left: 40, height: 10, width: 20 });
    expect(drawRectangle(100, 10, { scale: [1, 1], ratio: [1, 2] }, createRandom(0))).toEqual({ top: 45, left: 0, height: 10, width: 10 });
  });
});
