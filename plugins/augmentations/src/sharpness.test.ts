import '../../../test/conformance/backend.js';
import { createRandom } from '@cultivar/kernel';
import { describe, expect, it } from '@jest/globals';
import { draws, moments, tolerance } from '../../../test/conformance/distribution.js';
import { distance, instance } from '../../../test/conformance/instance.js';
import { changed, record } from '../../../test/conformance/operations.js';
import { Sharpness } from './sharpness.js';

describe('sharpness', () => {
  it.each(record.sharpness)('is torchvision, edges included: $factor', ({ factor, images }) => {
    expect(distance(changed(instance(Sharpness, { factor: [factor, factor] }), createRandom(0)).images, images)).toBeLessThan(1e-6);
  });

  it('draws factors evenly', () => {
    const point = [0, 0, 0, 0, 1, 0, 0, 0, 0].flatMap((value) => [value / 2, value / 2, value / 2]);
    const { images } = changed(instance(Sharpness, { factor: [0.2, 1] }), createRandom(3), { images: Array.from({ length: draws }, () => point).flat(), shape: [draws, 3, 3, 3] });
    // The middle: s = 5/26, x = 1/2.
    const factors = Array.from({ length: draws }, (_, index) => (images[index * 27 + 12]! - 5 / 26) / (1 / 2 - 5 / 26));
    expect(Math.abs(moments(factors).mean - 0.6)).toBeLessThan(tolerance(0.8 / Math.sqrt(12)));
  });
});
