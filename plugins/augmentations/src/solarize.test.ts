import '../../../test/conformance/backend.js';
import { createRandom } from '@cultivar/kernel';
import { describe, expect, it } from '@jest/globals';
import { distance, instance } from '../../../test/conformance/instance.js';
import { changed, expectHalfChanged, record } from '../../../test/conformance/operations.js';
import { Solarize } from './solarize.js';

describe('solarize', () => {
  it.each(record.solarize)('is torchvision: $threshold', ({ threshold, images }) => {
    expect(distance(changed(instance(Solarize, { threshold, probability: 1 }), createRandom(0)).images, images)).toBeLessThan(1e-7);
  });

  it('changes half of the images, the others not at all', () => {
    expectHalfChanged(instance(Solarize), [0.6, 0.6, 0.6]);
  });
});
