import '../../../test/conformance/backend.js';
import { createRandom } from '@cultivar/kernel';
import { describe, expect, it } from '@jest/globals';
import { applied, record } from '../../../test/conformance/batch.js';
import { draws, moments, tolerance } from '../../../test/conformance/distribution.js';
import { distance, instance, scripted } from '../../../test/conformance/instance.js';
import { changed, record as operations } from '../../../test/conformance/operations.js';
import { Mixup } from './mixup.js';

describe('mixup', () => {
  it('is timm', () => {
    const { images, labels, shape, order, mixup } = operations.timm;
    const found = changed(instance(Mixup), scripted({ uniform: [0], beta: [mixup.lambda], permutation: [[...order]] }), { images, labels, shape });
    expect(distance(found.images, mixup.images)).toBeLessThan(1e-6);
    expect(distance(found.targets, mixup.targets)).toBeLessThan(1e-6);
  });

  it('draws shares from Beta(alpha, alpha): mean 1/2, variance 1 / (4 (2 alpha + 1))', () => {
    const random = createRandom(4);
    const mixup = instance(Mixup, { alpha: 0.4 });
    const shares: number[] = [];
    while (shares.length < draws) {
      const { images } = changed(mixup, random, { images: [0, 0, 0, 1, 1, 1], shape: [2, 1, 1, 3] });
      // Where the permutation leaves both in their places nothing is told of the share.
      if (images[0] !== 0) shares.push(images[0]!);
    }
    const variance = 1 / (4 * 1.8);
    expect(Math.abs(moments(shares).mean - 0.5)).toBeLessThan(tolerance(Math.sqrt(variance)));
    expect(Math.abs(moments(shares).variance - variance)).toBeLessThan(tolerance(variance));
  });

  it('is torchvision for the same lambda and partners', () => {
    const { lambda, order, images, targets } = record.mixup;
    const found = applied(instance(Mixup), scripted({ uniform: [0], beta: [lambda], permutation: [[...order]] }));
    expect(distance(found.images, images)).toBeLessThan(1e-6);
    expect(distance(found.targets, targets)).toBeLessThan(1e-6);
  });

  it('mixes as often as asked', () => {
    const mixup = instance(Mixup, { probability: 0.25, alpha: 1 });
    const random = createRandom(4);
    const mixed = Array.from({ length: 1000 }, () => applied(mixup, random).targets).filter((targets) => targets.some((value) => value > 0 && value < 1)).length;
    // All four partners are images of the same class in a few permutations: a little below a quarter.
    expect(mixed / 1000).toBeGreaterThan(0.16);
    expect(mixed / 1000).toBeLessThan(0.32);
  });
});
