import '../../../test/conformance/backend.js';
import { createRandom } from '@cultivar/kernel';
import { describe, expect, it } from '@jest/globals';
import { draws, moments, tolerance } from '../../../test/conformance/distribution.js';
import { distance, instance, scripted } from '../../../test/conformance/instance.js';
import { changed, record } from '../../../test/conformance/operations.js';
import { Rotate } from './rotate.js';

describe('rotate', () => {
  it.each(record.rotate)('by $degrees degrees is torchvision', ({ degrees, images }) => {
    const found = changed(instance(Rotate, { degrees: [degrees, degrees], fill: 0 }), scripted({ uniform: [0.3, 0.8] })).images;
    // torchvision computes places in single precision: 1e-7 of the side, times the steepest slope.
    expect(distance(found, images)).toBeLessThan(5e-6);
  });

  it('there and back leaves the middle as it was, and fills corners', () => {
    const turned = changed(instance(Rotate, { degrees: [45, 45], fill: 1 }), scripted({ uniform: [0] }), { images: Array.from({ length: 27 * 27 * 3 }, () => 0), shape: [1, 27, 27, 3] }).images;
    expect(turned[0]).toBe(1);
    expect(turned[(13 * 27 + 13) * 3]).toBe(0);
  });

  it('draws angles evenly: the mean of cos over the range a is sin(a) / a', () => {
    const random = createRandom(3);
    const rotate = instance(Rotate, { degrees: [-60, 60], fill: 0 });
    // A ramp to the right, turned, is a ramp of slope cos(angle) in its middle row.
    const ramp = Array.from({ length: 100 * 9 }, (_, pixel) => Array.from({ length: 3 }, () => (pixel % 3) / 4)).flat();
    const slopes: number[] = [];
    for (let round = 0; round < draws / 100; round += 1) {
      const { images } = changed(rotate, random, { images: ramp, shape: [100, 3, 3, 3] });
      for (let image = 0; image < 100; image += 1) slopes.push((images[image * 27 + 15]! - images[image * 27 + 9]!) * 2);
    }
    expect(slopes).toHaveLength(draws);
    const angle = Math.PI / 3;
    expect(Math.abs(moments(slopes).mean - Math.sin(angle) / angle)).toBeLessThan(tolerance(Math.sqrt(moments(slopes).variance)));
  });
});
