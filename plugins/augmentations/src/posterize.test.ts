import '../../../test/conformance/backend.js';
import { createRandom } from '@cultivar/kernel';
import { describe, expect, it } from '@jest/globals';
import { distance, instance } from '../../../test/conformance/instance.js';
import { changed, expectHalfChanged, record } from '../../../test/conformance/operations.js';
import { Posterize } from './posterize.js';

describe('posterize', () => {
  it.each(record.posterize)('is torchvision: $bits bits', ({ bits, images }) => {
    expect(distance(changed(instance(Posterize, { bits, probability: 1 }), createRandom(0)).images, images)).toBeLessThan(1e-7);
  });

  it('changes half of the images, the others not at all', () => {
    expectHalfChanged(instance(Posterize, { bits: 1 }), [0.6, 0.6, 0.6]);
  });
});
