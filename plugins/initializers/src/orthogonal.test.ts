import '../../../test/conformance/backend.js';
import { createRandom } from '@cultivar/kernel';
import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { kolmogorovSmirnov, moments, normalDistribution } from '../../../test/conformance/distribution.js';
import { distance, instance } from '../../../test/conformance/instance.js';
import { Orthogonal } from './orthogonal.js';

const created = (shape: number[], options: object = {}, seed = 4) => instance(Orthogonal, { ...options }).create(shape, { fanIn: 1, fanOut: 1, random: createRandom(seed) });

describe('orthogonal', () => {
  it.each([[[60, 20]], [[20, 60]], [[30, 30]], [[3, 3, 8, 16]], [[2, 2, 3, 40]], [[7]]])('has rows or columns of length gain at right angles: %j', (shape) => {
    tf.tidy(() => {
      const columns = shape.at(-1)!;
      const matrix = tf.reshape(created(shape, { gain: 1.5 }), [-1, columns]) as tf.Tensor2D;
      const wide = matrix.shape[0] < columns;
      const products = tf.matMul(matrix, matrix, !wide, wide);
      const expected = tf.mul(tf.eye(products.shape[0]), 1.5 ** 2);
      // Double precision, kept in single.
      expect(distance(products.dataSync(), expected.dataSync())).toBeLessThan(1e-5);
    });
  });

  it('draws evenly: single weights of a large matrix are as good as normal, of variance 1 / n', () => {
    const n = 120;
    const weights = created([n, n]);
    const values = weights.dataSync<'float32'>();
    weights.dispose();
    const { mean, variance } = moments(values);
    expect(Math.abs(mean)).toBeLessThan(5 / n / Math.sqrt(n));
    // All columns are of length 1, so that this is exact.
    expect(variance + mean ** 2).toBeCloseTo(1 / n, 6);
    expect(kolmogorovSmirnov(values, normalDistribution(Math.sqrt(1 / n)))).toBeLessThan(1.63);
  });
});
