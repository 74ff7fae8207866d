import '../../../test/conformance/backend.js';
import { createRandom } from '@cultivar/kernel';
import { describe, expect, it } from '@jest/globals';
import { distance, instance } from '../../../test/conformance/instance.js';
import { changed, expectHalfChanged, record } from '../../../test/conformance/operations.js';
import { AutoContrast } from './auto-contrast.js';

describe('auto-contrast', () => {
  it('is torchvision, a channel of one value included', () => {
    expect(distance(changed(instance(AutoContrast, { probability: 1 }), createRandom(0)).images, record.autoContrast)).toBeLessThan(1e-6);
  });

  it('changes half of the images, the others not at all', () => {
    expectHalfChanged(instance(AutoContrast), [0.2, 0.2, 0.2, 0.4, 0.4, 0.4]);
  });
});
