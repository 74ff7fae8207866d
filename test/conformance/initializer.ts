import { createRandom } from '@cultivar/kernel';
import type { Initializer } from '@cultivar/sdk';
import { expect } from '@jest/globals';
import { numbers, withoutLeak, type Checks } from './subject.js';

const layers = [
  { shape: [7], fanIn: 7, fanOut: 1 },
  { shape: [12, 5], fanIn: 12, fanOut: 5 },
  { shape: [3, 3, 4, 8], fanIn: 36, fanOut: 72 },
  { shape: [3, 3, 6, 1], fanIn: 9, fanOut: 9 },
];

function created(initializer: Initializer, { shape, fanIn, fanOut }: (typeof layers)[number], seed: number): number[] {
  const weights = initializer.create([...shape], { fanIn, fanOut, random: createRandom(seed) });
  expect(weights.shape).toEqual(shape);
  expect(weights.dtype).toBe('float32');
  const values = numbers(weights);
  weights.dispose();
  return values;
}

export const initializerChecks: Checks<Initializer> = {
  'gives finite weights of the shape asked for': ({ make }) => withoutLeak(() => {
    for (const layer of layers) expect(created(make(), layer, 1).every(Number.isFinite)).toBe(true);
  }),
  'draws from the generator that it is given, and from no other': ({ make }) => {
    for (const layer of layers) {
      const weights = created(make(), layer, 1);
      expect(created(make(), layer, 1)).toEqual(weights);
      if (new Set(weights).size > 2) expect(created(make(), layer, 2)).not.toEqual(weights);
    }
  },
};
