import '../../../test/conformance/backend.js';
import { createRandom } from '@cultivar/kernel';
import { describe, expect, it } from '@jest/globals';
import { countedAugmentations, greyPixels } from '../../../test/conformance/counted-augmentations.js';
import { draws, tolerance } from '../../../test/conformance/distribution.js';
import { distance, instance } from '../../../test/conformance/instance.js';
import { changed, record } from '../../../test/conformance/operations.js';
import plugin from './index.js';
import { RandAugment } from './rand-augment.js';

describe('rand-augment', () => {
  it('draws each of fourteen operations alike, and signs by halves', () => {
    const applied = new Map<string, number>();
    const augment = Object.assign(instance(RandAugment, { operations: 1 }), { contributions: countedAugmentations(plugin, applied) });
    changed(augment, createRandom(1), greyPixels(draws));
    const byName = (name: string, where = '') => [...applied].filter(([key]) => key.startsWith(`{"name":"${name}"`) && key.includes(where)).reduce((sum, [, count]) => sum + count, 0) / draws;
    const share = (found: number, expected: number) => expect(Math.abs(found - expected)).toBeLessThan(tolerance(Math.sqrt(expected * (1 - expected))));
    for (const name of ['auto-contrast', 'equalize', 'rotate', 'solarize', 'posterize', 'sharpness']) share(byName(name), 1 / 14);
    share(byName('affine'), 4 / 14);
    share(byName('color-jitter'), 3 / 14);
    share(byName('rotate', '"degrees":[9,9]'), 1 / 28);
    share([...applied.values()].reduce((sum, count) => sum + count, 0) / draws, 13 / 14);
  });

  it('of no operations is identity, and leaves every image in its place', () => {
    const none = Object.assign(instance(RandAugment, { operations: 0 }), { contributions: countedAugmentations(plugin, new Map()) });
    expect([...changed(none, createRandom(1)).images]).toEqual([...Float32Array.from(record.images)]);
    // With magnitude 0 only auto-contrast, equalize and solarize at 1 change anything: images that they miss stay where they were.
    const still = Object.assign(instance(RandAugment, { operations: 1, magnitude: 0 }), { contributions: countedAugmentations(plugin, new Map()) });
    const images = Array.from({ length: 60 }, (_, image) => Array.from({ length: 12 }, () => (image + 2) / 255)).flat();
    expect(distance(changed(still, createRandom(2), { images, shape: [60, 2, 2, 3] }).images, images)).toBeLessThan(1 / 200);
  });
});
