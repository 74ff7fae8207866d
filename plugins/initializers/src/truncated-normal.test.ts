import '../../../test/conformance/backend.js';
import { createRandom } from '@cultivar/kernel';
import { describe, expect, it } from '@jest/globals';
import { kolmogorovSmirnov, moments, normalDistribution } from '../../../test/conformance/distribution.js';
import { instance } from '../../../test/conformance/instance.js';
import { TruncatedNormal } from './truncated-normal.js';

describe('truncated-normal', () => {
  // Variance of a standard normal cut at +-c: 1 - 2 c phi(c) / (2 Phi(c) - 1).
  it.each([{ limit: 2, deviation: 0.02, share: 0.773741 }, { limit: 1, deviation: 1, share: 0.291125 }])('is a normal without its tails: $limit deviations of $deviation', ({ limit, deviation, share }) => {
    const weights = instance(TruncatedNormal, { limit, deviation }).create([200, 100], { fanIn: 200, fanOut: 100, random: createRandom(2) });
    const values = weights.dataSync<'float32'>();
    weights.dispose();
    const { mean, variance } = moments(values);
    const expected = share * deviation ** 2;
    // Five standard errors; a cut normal has a smaller fourth moment than a whole one.
    expect(Math.abs(mean)).toBeLessThan(5 * Math.sqrt(expected / values.length));
    expect(Math.abs(variance / expected - 1)).toBeLessThan(5 * Math.sqrt(2 / values.length));
    const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(largest).toBeLessThanOrEqual(limit * deviation * (1 + 1e-6));
    expect(largest).toBeGreaterThan(0.99 * limit * deviation);
    const whole = normalDistribution(deviation);
    const [low, high] = [whole(-limit * deviation), whole(limit * deviation)];
    expect(kolmogorovSmirnov(values, (value) => Math.min(1, Math.max(0, (whole(value) - low) / (high - low))))).toBeLessThan(1.63);
  });
});
