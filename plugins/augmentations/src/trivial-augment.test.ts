import '../../../test/conformance/backend.js';
import { createRandom } from '@cultivar/kernel';
import { describe, expect, it } from '@jest/globals';
import { countedAugmentations, greyPixels } from '../../../test/conformance/counted-augmentations.js';
import { draws, tolerance } from '../../../test/conformance/distribution.js';
import { instance } from '../../../test/conformance/instance.js';
import { changed } from '../../../test/conformance/operations.js';
import plugin from './index.js';
import { TrivialAugment } from './trivial-augment.js';

describe('trivial-augment', () => {
  it('draws operations and magnitudes evenly', () => {
    const applied = new Map<string, number>();
    const augment = Object.assign(instance(TrivialAugment), { contributions: countedAugmentations(plugin, applied) });
    changed(augment, createRandom(1), greyPixels(draws));
    const turns = [...applied].filter(([key]) => key.startsWith('{"name":"rotate"')).map(([key, count]) => ({ degrees: (JSON.parse(key) as { degrees: number[] }).degrees[0]!, count }));
    const all = turns.reduce((sum, { count }) => sum + count, 0);
    expect(Math.abs(all / draws - 1 / 14)).toBeLessThan(tolerance(Math.sqrt(13) / 14));
    expect(new Set(turns.map(({ degrees }) => Math.abs(degrees))).size).toBe(31);
    const mean = turns.reduce((sum, { degrees, count }) => sum + degrees * count, 0) / all;
    expect(Math.abs(mean)).toBeLessThan((5 * 79) / Math.sqrt(all));
    expect(Math.max(...turns.map(({ degrees }) => degrees))).toBe(135);
  });
});
