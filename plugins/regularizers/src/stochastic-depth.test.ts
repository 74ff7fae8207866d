import '../../../test/conformance/backend.js';
import { createRandom } from '@cultivar/kernel';
import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { instance } from '../../../test/conformance/instance.js';
import { StochasticDepth } from './stochastic-depth.js';

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
