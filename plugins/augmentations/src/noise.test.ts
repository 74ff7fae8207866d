import '../../../test/conformance/backend.js';
import { createRandom } from '@cultivar/kernel';
import { describe, expect, it } from '@jest/globals';
import { draws, kolmogorovSmirnov, moments, normalDistribution, tolerance } from '../../../test/conformance/distribution.js';
import { instance } from '../../../test/conformance/instance.js';
import { changed } from '../../../test/conformance/operations.js';
import { Noise } from './noise.js';

const grey = (value: number) => ({ images: Array.from({ length: draws * 3 }, () => value), shape: [draws, 1, 1, 3] as [number, number, number, number] });

describe('noise', () => {
  it('is normal, of the deviation and mean given, about every pixel', () => {
    const sample = [...changed(instance(Noise, { sigma: 0.05, mean: 0.1 }), createRandom(2), grey(0.4)).images].map((value) => value - 0.5).slice(0, draws);
    expect(Math.abs(moments(sample).mean)).toBeLessThan(tolerance(0.05));
    expect(Math.abs(Math.sqrt(moments(sample).variance) - 0.05)).toBeLessThan(tolerance(0.05 / Math.SQRT2));
    expect(kolmogorovSmirnov(sample, normalDistribution(0.05))).toBeLessThan(1.63);
  });

  it('is clipped at black and white', () => {
    const sample = [...changed(instance(Noise, { sigma: 0.5 }), createRandom(2), grey(1)).images];
    expect(Math.max(...sample)).toBe(1);
    expect(Math.abs(sample.filter((value) => value === 1).length / sample.length - 0.5)).toBeLessThan(tolerance(0.5));
  });

  it('of deviation 0 is identity', () => {
    expect(new Set(changed(instance(Noise, { sigma: 0 }), createRandom(2), grey(0.25)).images)).toEqual(new Set([0.25]));
  });
});
