import '../../../test/conformance/backend.js';
import { createRandom } from '@cultivar/kernel';
import { describe, expect, it } from '@jest/globals';
import { applied, record } from '../../../test/conformance/batch.js';
import { distance, instance, scripted } from '../../../test/conformance/instance.js';
import { Mixup } from './mixup.js';

describe('mixup', () => {
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
