import '../../../test/conformance/backend.js';
import { createRandom } from '@cultivar/kernel';
import { describe, expect, it } from '@jest/globals';
import { applied, record } from '../../../test/conformance/batch.js';
import { distance, instance, scripted } from '../../../test/conformance/instance.js';
import { CutMix } from './cutmix.js';

const [, height, width] = record.shape;

describe('cutmix', () => {
  it.each(record.cutmix)('is torchvision for the same box: lambda $lambda about $row, $column', ({ lambda, row, column, order, images, targets }) => {
    const found = applied(instance(CutMix), scripted({ uniform: [0], beta: [lambda], integer: [row, column], permutation: [[...order]] }));
    expect(distance(found.images, images)).toBeLessThan(1e-6);
    expect(distance(found.targets, targets)).toBeLessThan(1e-6);
  });

  it('gives targets by the pixels that are there, not by those asked for', () => {
    const random = createRandom(8);
    for (let round = 0; round < 50; round += 1) {
      const { images, targets } = applied(instance(CutMix), random);
      for (let image = 0; image < 4; image += 1) {
        const size = height * width;
        let own = 0;
        for (let pixel = 0; pixel < size; pixel += 1) {
          const at = (image * size + pixel) * 3;
          if ([0, 1, 2].every((channel) => images[at + channel] === Math.fround(record.images[at + channel]!))) own += 1;
        }
        const label = record.labels[image]!;
        expect(targets[image * 3 + label]).toBeGreaterThanOrEqual(own / size - 1e-6);
      }
    }
  });
});
