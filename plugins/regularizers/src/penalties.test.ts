import '../../../test/conformance/backend.js';
import { createRandom } from '@cultivar/kernel';
import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { kolmogorovSmirnov, moments, normalDistribution } from '../../../test/conformance/distribution.js';
import { distance, golden, instance } from '../../../test/conformance/instance.js';
import { DropConnect } from './drop-connect.js';
import { Elastic } from './elastic.js';
import { L1 } from './l1.js';
import { L2 } from './l2.js';
import { MaxNorm } from './max-norm.js';
import { StochasticDepth } from './stochastic-depth.js';
import { WeightNoise } from './weight-noise.js';

interface Golden {
  weight: number[];
  penalties: Record<'l1' | 'elastic', { value: number; gradient: number[] }>;
  renorm: Record<'dense' | 'denseRenormed' | 'filters' | 'filtersRenormed' | 'depthwiseRenormed', number[]> & { limit: number };
}
const { weight, penalties, renorm } = golden<Golden>('layers');

describe('penalties', () => {
  it.each([['l1', instance(L1, { lambda: 0.03 })], ['elastic', instance(Elastic, { lambda: 0.03, ratio: 0.3 })]] as const)('%s is PyTorch, value and gradient, zero included', (name, regularizer) => {
    tf.tidy(() => {
      expect(regularizer.penalty(tf.tensor1d(weight)).dataSync()[0]).toBeCloseTo(penalties[name].value, 6);
      const gradient = tf.grad((w) => regularizer.penalty(w))(tf.tensor1d(weight)).dataSync();
      expect(distance(gradient, penalties[name].gradient)).toBeLessThan(1e-7);
      expect(tf.grad((w) => instance(L1).penalty(w))(tf.zeros([1])).dataSync()[0]).toBe(0);
    });
  });

  it('elastic ends in l1 and in l2', () => {
    tf.tidy(() => {
      const w = tf.tensor1d(weight);
      const value = (penalty: tf.Tensor) => penalty.dataSync()[0];
      expect(value(instance(Elastic, { lambda: 0.1, ratio: 1 }).penalty(w))).toBeCloseTo(value(instance(L1, { lambda: 0.1 }).penalty(w))!, 6);
      expect(value(instance(Elastic, { lambda: 0.1, ratio: 0 }).penalty(w))).toBeCloseTo(value(instance(L2, { lambda: 0.1 }).penalty(w))!, 6);
    });
  });
});

describe('max-norm', () => {
  it.each([
    ['a dense kernel', 'head/kernel', [5, 4], renorm.dense, renorm.denseRenormed], ['a convolution', 'stem/kernel', [3, 3, 2, 4], renorm.filters, renorm.filtersRenormed],
    ['a depthwise convolution', 'deep/depthwise_kernel', [3, 3, 2, 4], renorm.filters, renorm.depthwiseRenormed],
  ])('shortens the weights of each unit as torch.renorm does: %s', (_what, name, shape, before, after) => {
    const found = tf.tidy(() => instance(MaxNorm, { limit: renorm.limit }).project(tf.tensor(before, shape), name).dataSync());
    expect(distance(found, after)).toBeLessThan(1e-6);
    expect(distance(found, before)).toBeGreaterThan(0.01);
  });
});

describe('noise of weights', () => {
  it('weight-noise is normal about the weight', () => {
    const values = tf.tidy(() => [...instance(WeightNoise, { sigma: 0.2 }).noise(tf.fill([10_000], 3), 'head/kernel', createRandom(3)).dataSync()]).map((value) => value - 3);
    expect(Math.abs(moments(values).mean)).toBeLessThan((5 * 0.2) / 100);
    expect(kolmogorovSmirnov(values, normalDistribution(0.2))).toBeLessThan(1.63);
  });

  it('drop-connect drops its share, keeps the mean, and leaves all but the classifier alone unless told', () => {
    tf.tidy(() => {
      const drop = instance(DropConnect, { rate: 0.3 });
      const values = [...drop.noise(tf.ones([10_000]), 'head/kernel', createRandom(3)).dataSync()];
      expect(Math.abs(values.filter((value) => value === 0).length / 10_000 - 0.3)).toBeLessThan(5 * Math.sqrt(0.21 / 10_000));
      expect(Math.abs(moments(values).mean - 1)).toBeLessThan((5 * Math.sqrt(0.3 / 0.7)) / 100);
      const stem = tf.ones([4]);
      expect(drop.noise(stem, 'stem/kernel', createRandom(3))).toBe(stem);
      expect(new Set(instance(DropConnect, { rate: 0.5, where: 'all' }).noise(tf.ones([100]), 'stem/kernel', createRandom(3)).dataSync())).toEqual(new Set([0, 2]));
    });
  });
});

describe('stochastic depth', () => {
  it('skips later blocks more often, whole images, and keeps the mean', () => {
    const regularizer = instance(StochasticDepth, { rate: 0.4 });
    [0.1, 0.2, 0.3, 0.4].forEach((rate, block) => {
      tf.tidy(() => {
        const values = [...regularizer.branch(block, 4)!(tf.ones([4000, 2]), createRandom(block)).dataSync()];
        const images = values.filter((_value, index) => index % 2 === 0);
        expect(values.filter((_value, index) => index % 2 === 1)).toEqual(images);
        expect(Math.abs(images.filter((value) => value === 0).length / 4000 - rate)).toBeLessThan(5 * Math.sqrt((rate * (1 - rate)) / 4000));
        expect(Math.max(...images)).toBeCloseTo(1 / (1 - rate), 5);
      });
    });
    expect(instance(StochasticDepth, { rate: 0 }).branch(0, 1)).toBeUndefined();
  });
});
