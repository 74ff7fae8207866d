import { createRandom } from '@cultivar/kernel';
import { fansOf, type Initializer } from '@cultivar/sdk';
import { describe, expect, it } from '@jest/globals';
import { kolmogorovSmirnov, moments, normalDistribution, uniformDistribution } from './distribution.js';

const layers = [
  { layer: 'dense 300 to 100', ...fansOf([300, 100]), shape: [300, 100] },
  { layer: 'convolution 3x3, 32 to 64', ...fansOf([3, 3, 32, 64]), shape: [3, 3, 32, 64] },
  { layer: 'depthwise 3x3, 2000', ...fansOf([3, 3, 2000, 1], 'depthwise'), shape: [3, 3, 2000, 1] },
];

/**
 * Holds an initializer of mean 0 against theory: mean, variance, range and shape of what it draws for a dense layer, a
 * convolution and a depthwise one.
 * @param distributions by name; their options
 * @param variance by fans
 */
export function hasTheVariance(
  make: (options: Record<string, unknown>) => Initializer,
  distributions: readonly { options: Record<string, unknown>; distribution: 'normal' | 'uniform' }[],
  variance: (fan: { fanIn: number; fanOut: number }, options: Record<string, unknown>) => number,
): void {
  describe.each(layers)('$layer', ({ shape, fanIn, fanOut }) => {
    it.each(distributions)('$distribution $options', ({ options, distribution }) => {
      const weights = make(options).create([...shape], { fanIn, fanOut, random: createRandom(3) });
      const values = weights.dataSync<'float32'>();
      weights.dispose();
      const expected = variance({ fanIn, fanOut }, options);
      const found = moments(values);
      // Five standard errors of a sample of this size; the fourth moment of a uniform is smaller than that of a normal.
      expect(Math.abs(found.mean)).toBeLessThan(5 * Math.sqrt(expected / values.length));
      expect(Math.abs(found.variance / expected - 1)).toBeLessThan(5 * Math.sqrt(2 / values.length));
      const limit = Math.sqrt(3 * expected);
      const theory = distribution === 'uniform' ? uniformDistribution(-limit, limit) : normalDistribution(Math.sqrt(expected));
      expect(kolmogorovSmirnov(values, theory)).toBeLessThan(1.63);
      const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      // The farthest of some 20,000 normal draws lies between three and six deviations out.
      const [least, most] = distribution === 'uniform' ? [0.99 * limit, limit * (1 + 1e-6)] : [3 * Math.sqrt(expected), 6 * Math.sqrt(expected)];
      expect(largest).toBeGreaterThan(least);
      expect(largest).toBeLessThanOrEqual(most);
    });
  });
}
