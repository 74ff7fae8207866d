import '../../../test/conformance/backend.js';
import { createRandom } from '@cultivar/kernel';
import { describe, expect, it } from '@jest/globals';
import { draws, moments, tolerance } from '../../../test/conformance/distribution.js';
import { distance, instance, scripted } from '../../../test/conformance/instance.js';
import { changed, record } from '../../../test/conformance/operations.js';
import { PaddedCrop } from './padded-crop.js';

describe('padded-crop', () => {
  // Two pixels of 9 rows and of 7 columns.
  it.each(record.padded)('is torchvision: $mode, from row $top, column $left', ({ mode, top, left, images }) => {
    const found = changed(instance(PaddedCrop, { padding: 0.25, mode }), scripted({ integer: [top, left, top, left] })).images;
    expect(distance(found, images)).toBeLessThan(1e-7);
  });

  it('shifts evenly over all places, in rows and in columns', () => {
    const size = 5;
    // Each pixel says where it lies.
    const places = Array.from({ length: size * size }, (_, pixel) => [(Math.floor(pixel / size) + 1) / 10, ((pixel % size) + 1) / 10, 0]).flat();
    const images = Array.from({ length: draws / 10 }, () => places).flat();
    const random = createRandom(9);
    const [rows, columns]: [number[], number[]] = [[], []];
    for (let round = 0; round < 10; round += 1) {
      const found = changed(instance(PaddedCrop, { padding: 0.4, mode: 'edge' }), random, { images, shape: [draws / 10, size, size, 3] }).images;
      for (let image = 0; image < draws / 10; image += 1) {
        const middle = (image * size * size + 12) * 3;
        rows.push(Math.round(found[middle]! * 10) - 3);
        columns.push(Math.round(found[middle + 1]! * 10) - 3);
      }
    }
    for (const shifts of [rows, columns]) {
      expect(Math.abs(moments(shifts).mean)).toBeLessThan(tolerance(Math.SQRT2));
      for (const shift of [-2, -1, 0, 1, 2]) {
        expect(Math.abs(shifts.filter((one) => one === shift).length / draws - 0.2)).toBeLessThan(tolerance(0.4));
      }
    }
  });
});
