import { describe, expect, it } from '@jest/globals';
import { biasVariance, truth } from './bias-variance.js';
import { drawBiasVariance } from './draw-bias-variance.js';

describe('the decomposition of the error', () => {
  const parts = biasVariance({ sets: 400, places: 60, noise: 0.4 });

  it('sums to the error that is measured', () => {
    for (const { bias, variance, noise, error } of parts) expect(Math.abs(bias + variance + noise - error) / error).toBeLessThan(0.03);
  });

  it('has the variance that theory says: sigma^2 / k', () => {
    // 400 sets at 60 places, neighbours shared between places: a standard error of about 2 %.
    for (const { neighbours, variance, noise } of parts) expect(Math.abs(variance * neighbours / noise - 1)).toBeLessThan(0.08);
  });

  it('has the bias that theory says where all neighbours are asked: the truth less its mean', () => {
    const [all] = biasVariance({ neighbours: [60], sets: 200, places: 60, noise: 0.4 });
    const values = Array.from({ length: 60 }, (_, index) => truth(index / 59));
    const expected = values.reduce((sum, value) => sum + value ** 2, 0) / 60;
    expect(Math.abs(all!.bias - expected)).toBeLessThan(0.01);
  });

  it('shows the trade: ever less variance, ever more bias, the least error in between', () => {
    const errors = parts.map(({ error }) => error);
    const least = errors.indexOf(Math.min(...errors));
    expect(least).toBeGreaterThan(0);
    expect(least).toBeLessThan(parts.length - 1);
    expect(parts.at(-1)!.bias).toBeGreaterThan(10 * parts[0]!.bias);
  });

  it('is drawn', () => {
    expect(drawBiasVariance(parts)).toMatch(/^<svg[\s\S]*variance/);
  });
});
