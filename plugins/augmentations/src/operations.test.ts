import '../../../test/conformance/backend.js';
import { createRandom } from '@cultivar/kernel';
import { contributionMetadata, type Augmentation, type ContributionReference, type Contributions, type Kind } from '@cultivar/sdk';
import { describe, expect, it } from '@jest/globals';
import { draws, tolerance } from '../../../test/conformance/distribution.js';
import { distance, instance } from '../../../test/conformance/instance.js';
import { changed, record } from '../../../test/conformance/operations.js';
import plugin from './index.js';
import { operationsAt } from './operations.js';
import { RandAugment } from './rand-augment.js';
import { TrivialAugment } from './trivial-augment.js';

/** Makes augmentations of this plugin, and counts how many images each is given. */
function contributions(applied: Map<string, number>): Contributions {
  return {
    create: <Part extends object>(kind: Kind, reference: ContributionReference | string) => {
      const { name, ...options } = reference as ContributionReference;
      const made = instance(plugin.contributions.find((one) => contributionMetadata(one)?.kind === kind && contributionMetadata(one)?.name === name) as new () => Augmentation, options);
      const apply: Augmentation['apply'] = (batch, random) => {
        const key = JSON.stringify(reference);
        applied.set(key, (applied.get(key) ?? 0) + batch.images.shape[0]);
        return made.apply(batch, random);
      };
      return { apply } as unknown as Part;
    },
  };
}
const many = (count: number) => ({ images: Array.from({ length: count * 3 }, () => 0.5), shape: [count, 1, 1, 3] as [number, number, number, number] });
const extent = { shear: 0.3, translate: 150 / 331, rotate: 30, colour: 0.9, bitsLost: 4 };

describe('rand-augment', () => {
  it('draws each of fourteen operations alike, and signs by halves', () => {
    const applied = new Map<string, number>();
    const augment = Object.assign(instance(RandAugment, { operations: 1 }), { contributions: contributions(applied) });
    changed(augment, createRandom(1), many(draws));
    const byName = (name: string, where = '') => [...applied].filter(([key]) => key.startsWith(`{"name":"${name}"`) && key.includes(where)).reduce((sum, [, count]) => sum + count, 0) / draws;
    const share = (found: number, expected: number) => expect(Math.abs(found - expected)).toBeLessThan(tolerance(Math.sqrt(expected * (1 - expected))));
    for (const name of ['auto-contrast', 'equalize', 'rotate', 'solarize', 'posterize', 'sharpness']) share(byName(name), 1 / 14);
    share(byName('affine'), 4 / 14);
    share(byName('color-jitter'), 3 / 14);
    share(byName('rotate', '"degrees":[9,9]'), 1 / 28);
    share([...applied.values()].reduce((sum, count) => sum + count, 0) / draws, 13 / 14);
  });

  it('goes as far as torchvision at magnitude 9 of 30', () => {
    const named = (name: string) => operationsAt(0.3, extent, 0.5).filter(([first]) => first?.name === name).map(([first]) => first!);
    expect(named('rotate')[0]).toMatchObject({ degrees: [9, 9] });
    expect(named('solarize')[0]!['threshold']).toBeCloseTo(0.7, 10);
    expect(named('posterize')[0]).toMatchObject({ bits: 7 });
    expect(named('color-jitter').map(({ brightness, contrast, saturation }) => [brightness, contrast, saturation])).toEqual([[0, 0, [1.27, 1.27]], [0, [1.27, 1.27], 0], [[1.27, 1.27], 0, 0]]);
    const [shearX] = named('affine');
    expect(Math.tan(((shearX!['shearX'] as number[])[0]! * Math.PI) / 180)).toBeCloseTo(0.09, 10);
    expect((named('affine')[2]!['translateX'] as number[])[0]).toBeCloseTo((0.3 * 150) / 331, 10);
  });

  it('of no operations is identity, and leaves every image in its place', () => {
    const none = Object.assign(instance(RandAugment, { operations: 0 }), { contributions: contributions(new Map()) });
    expect([...changed(none, createRandom(1)).images]).toEqual([...Float32Array.from(record.images)]);
    // With magnitude 0 only auto-contrast, equalize and solarize at 1 change anything: images that they miss stay where they were.
    const still = Object.assign(instance(RandAugment, { operations: 1, magnitude: 0 }), { contributions: contributions(new Map()) });
    const images = Array.from({ length: 60 }, (_, image) => Array.from({ length: 12 }, () => (image + 2) / 255)).flat();
    expect(distance(changed(still, createRandom(2), { images, shape: [60, 2, 2, 3] }).images, images)).toBeLessThan(1 / 200);
  });
});

describe('trivial-augment', () => {
  it('draws operations and magnitudes evenly', () => {
    const applied = new Map<string, number>();
    const augment = Object.assign(instance(TrivialAugment), { contributions: contributions(applied) });
    changed(augment, createRandom(1), many(draws));
    const turns = [...applied].filter(([key]) => key.startsWith('{"name":"rotate"')).map(([key, count]) => ({ degrees: (JSON.parse(key) as { degrees: number[] }).degrees[0]!, count }));
    const all = turns.reduce((sum, { count }) => sum + count, 0);
    expect(Math.abs(all / draws - 1 / 14)).toBeLessThan(tolerance(Math.sqrt(13) / 14));
    expect(new Set(turns.map(({ degrees }) => Math.abs(degrees))).size).toBe(31);
    const mean = turns.reduce((sum, { degrees, count }) => sum + degrees * count, 0) / all;
    expect(Math.abs(mean)).toBeLessThan((5 * 79) / Math.sqrt(all));
    expect(Math.max(...turns.map(({ degrees }) => degrees))).toBe(135);
  });
});
