import '../../../test/conformance/backend.js';
import { createRandom } from '@cultivar/kernel';
import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { kolmogorovSmirnov, moments, normalDistribution } from '../../../test/conformance/distribution.js';
import { instance } from '../../../test/conformance/instance.js';
import { WeightNoise } from './weight-noise.js';

describe('weight-noise', () => {
  it('is normal about the weight', () => {
    const values = tf.tidy(() => [...instance(WeightNoise, { sigma: 0.2 }).noise(tf.fill([10_000], 3), 'head/kernel', createRandom(3)).dataSync()]).map((value) => value - 3);
    expect(Math.abs(moments(values).mean)).toBeLessThan((5 * 0.2) / 100);
    expect(kolmogorovSmirnov(values, normalDistribution(0.2))).toBeLessThan(1.63);
  });
});
