import type { Similarity } from '@cultivar/sdk';
import { expect } from '@jest/globals';
import { drawn, withoutLeak, type Checks } from './subject.js';

const [images, width, classes] = [60, 12, 3];
const labels = Int32Array.from({ length: images }, (_, index) => index % classes);
const features = (spread: number) => ({
  shape: [images, width],
  data: Float32Array.from(drawn(images * width), (value, index) => Math.abs(value * spread + (labels[Math.floor(index / width)] === index % width ? 2 : 0))),
});
const statistics = { count: 1000, mean: drawn(width).map(Math.abs), std: drawn(width).map((value) => Math.abs(value) + 0.1) };

export const similarityChecks: Checks<Similarity> = {
  'gives a score of 0..1 with figures and reasons, with and without statistics, the same twice': ({ make }) => withoutLeak(async () => {
    for (const known of [undefined, statistics]) {
      for (const spread of [0.1, 1, 10]) {
        const measure = () => make().measure({ features: features(spread), labels, classes }, known);
        const found = await measure();
        expect(found.score).toBeGreaterThanOrEqual(0);
        expect(found.score).toBeLessThanOrEqual(1);
        expect(Object.values(found.figures).every(Number.isFinite)).toBe(true);
        expect(found.reasons.length).toBeGreaterThan(0);
        expect(await measure()).toEqual(found);
      }
    }
  }),
};
