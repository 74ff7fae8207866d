import '../../../test/conformance/backend.js';
import { createRandom } from '@cultivar/kernel';
import { describe, expect, it } from '@jest/globals';
import { draws, tolerance } from '../../../test/conformance/distribution.js';
import { distance, instance } from '../../../test/conformance/instance.js';
import { changed, record } from '../../../test/conformance/operations.js';
import { Grayscale } from './grayscale.js';

describe('grayscale', () => {
  it('is torchvision', () => {
    expect(distance(changed(instance(Grayscale, { probability: 1 }), createRandom(0)).images, record.grayscale)).toBeLessThan(1e-6);
  });

  it('changes the share of the images that it is told, the others not at all', () => {
    const red = Array.from({ length: draws }, () => [1, 0, 0]).flat();
    const { images } = changed(instance(Grayscale, { probability: 0.3 }), createRandom(1), { images: red, shape: [draws, 1, 1, 3] });
    const grey = Array.from({ length: draws }, (_, image) => images[image * 3]!);
    expect(new Set(grey)).toEqual(new Set([1, Math.fround(0.2989)]));
    expect(Math.abs(grey.filter((value) => value < 1).length / draws - 0.3)).toBeLessThan(tolerance(Math.sqrt(0.3 * 0.7)));
  });
});
