import '../../../test/conformance/backend.js';
import { createRandom } from '@cultivar/kernel';
import { describe, expect, it } from '@jest/globals';
import { draws, moments, tolerance } from '../../../test/conformance/distribution.js';
import { instance } from '../../../test/conformance/instance.js';
import { changed, record } from '../../../test/conformance/operations.js';
import { area } from './region.js';
import { RandomErasing } from './random-erasing.js';

describe('random-erasing', () => {
  it.each(record.erasing)('draws rectangles as torchvision does: $height x $width', ({ height, width, scale, ratio, erased, means }) => {
    const random = createRandom(5);
    const erasing = instance(RandomErasing, { probability: 1, scale, ratio });
    const drawn = Array.from({ length: draws }, () => erasing.draw(height, width, random));
    const found = drawn.filter((region) => area(region) > 0);
    expect(Math.abs(found.length / draws - erased)).toBeLessThanOrEqual(tolerance(2 * Math.sqrt(erased * (1 - erased))));
    const close = (values: number[], expected: number) =>
      // Their mean is of 20,000 draws itself.
      expect(Math.abs(moments(values).mean - expected)).toBeLessThan(tolerance(Math.sqrt(1.5 * moments(values).variance)));
    close(found.map((region) => area(region) / (height * width)), means.share);
    close(found.map(({ top, bottom, left, right }) => Math.log((bottom - top) / (right - left))), means.logRatio);
    close(found.map(({ top }) => top), means.top);
    close(found.map(({ left }) => left), means.left);
    close(found.map(({ top, bottom }) => bottom - top), means.height);
    close(found.map(({ left, right }) => right - left), means.width);
    expect(found.every(({ top, bottom, left, right }) => top >= 0 && left >= 0 && bottom <= height && right <= width)).toBe(true);
  });

  it('erases in the share of the images that it is told', () => {
    const random = createRandom(6);
    const erasing = instance(RandomErasing, { probability: 0.25 });
    const erased = Array.from({ length: draws }, () => area(erasing.draw(50, 50, random))).filter((pixels) => pixels > 0);
    expect(Math.abs(erased.length / draws - 0.25)).toBeLessThan(tolerance(Math.sqrt(0.25 * 0.75)));
  });

  it.each([[0.5, 1], ['random', 3], ['pixel', 300]])('fills with %s, inside the rectangle alone', (value, least) => {
    const white = { images: Array.from({ length: 16 * 16 * 3 }, () => 1), shape: [1, 16, 16, 3] as [number, number, number, number] };
    const { images } = changed(instance(RandomErasing, { probability: 1, scale: [0.5, 0.5], ratio: [1, 1], value }), createRandom(1), white);
    const filled = [...images].filter((one) => one !== 1);
    expect(filled).toHaveLength(11 * 11 * 3);
    expect(new Set(filled).size).toBeGreaterThanOrEqual(least as number);
    if (value === 0.5) expect(new Set(filled)).toEqual(new Set([0.5]));
  });
});
