import '../../../test/conformance/backend.js';
import { createRandom } from '@cultivar/kernel';
import { describe, expect, it } from '@jest/globals';
import { kolmogorovSmirnov, moments, normalDistribution, uniformDistribution } from '../../../test/conformance/distribution.js';
import { instance } from '../../../test/conformance/instance.js';
import { He } from './he.js';

const layers = [
  { layer: 'dense 300 to 100', shape: [300, 100], fanIn: 300, fanOut: 100 },
  { layer: 'convolution 3x3, 32 to 64', shape: [3, 3, 32, 64], fanIn: 288, fanOut: 576 },
  { layer: 'depthwise 3x3, 2000', shape: [3, 3, 2000, 1], fanIn: 9, fanOut: 9 },
];

describe('he', () => {
  describe.each(layers)('$layer', ({ shape, fanIn, fanOut }) => {
    it.each(['uniform', 'normal'])('%s has the variance 2 / fanIn', (distribution) => {
      const weights = instance(He, { distribution }).create(shape, { fanIn, fanOut, random: createRandom(3) });
      const values = weights.dataSync();
      weights.dispose();
      const expected = 2 / fanIn;
      const { mean, variance } = moments(values);
      // Five standard errors of a sample of this size.
      expect(Math.abs(mean)).toBeLessThan(5 * Math.sqrt(expected / values.length));
      expect(Math.abs(variance / expected - 1)).toBeLessThan(5 * Math.sqrt(2 / values.length));
      const limit = Math.sqrt(3 * expected);
      const theory = distribution === 'uniform' ? uniformDistribution(-limit, limit) : normalDistribution(Math.sqrt(expected));
      expect(kolmogorovSmirnov(values, theory)).toBeLessThan(1.63);
      if (distribution === 'uniform') expect(Math.max(...values.slice(0, 10_000).map(Math.abs))).toBeLessThanOrEqual(limit * (1 + 1e-6));
    });
  });
});
