import { describe, expect, it } from '@jest/globals';
import { createRandom } from '@cultivar/kernel';
import { pairedDifference } from './paired-difference.js';

const random = createRandom(1);
const images = 400;
const losses = Array.from({ length: images }, () => random.uniform());
const right = Array.from({ length: images }, () => (random.uniform() < 0.8 ? 1 : 0));

describe('the paired difference of two models', () => {
  it('is nothing between a model and itself', () => {
    expect(pairedDifference({ right, losses }, { right, losses })).toEqual({ accuracy: { mean: 0, low: 0, high: 0 }, loss: { mean: 0, low: 0, high: 0 } });
  });

  it('is certain where every image differs by the same', () => {
    const { loss } = pairedDifference({ right, losses: losses.map((one) => one + 0.25) }, { right, losses });
    for (const value of Object.values(loss)) expect(value).toBeCloseTo(0.25, 6);
  });

  it('has the interval of a mean: 1.96 standard errors of the differences to either side', () => {
    const other = { right: right.map((one, image) => (image % 20 === 0 ? 1 - one : one)), losses: losses.map((one) => one + 0.1 * random.normal() - 0.02) };
    const { accuracy, loss } = pairedDifference(other, { right, losses });
    for (const [{ mean, low, high }, differences] of [
      [accuracy, other.right.map((one, image) => one - right[image]!)], [loss, other.losses.map((one, image) => one - losses[image]!)],
    ] as const) {
      const expected = differences.reduce((sum, one) => sum + one, 0) / images;
      const error = Math.sqrt(differences.reduce((sum, one) => sum + (one - expected) ** 2, 0) / (images - 1) / images);
      expect(mean).toBeCloseTo(expected, 6);
      // A thousand draws: the ends are off by some percent.
      expect(Math.abs((high - low) / (2 * 1.96 * error) - 1)).toBeLessThan(0.12);
      expect(Math.abs((high + low) / 2 - expected)).toBeLessThan(0.3 * error);
    }
  });

  it('is negative for the one with the lower figure', () => {
    const { accuracy } = pairedDifference({ right: right.map(() => 0), losses }, { right, losses });
    expect(accuracy.high).toBeLessThan(0);
  });
});
