import '../../../test/conformance/backend.js';
import { createRandom } from '@cultivar/kernel';
import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { draws, moments, tolerance } from '../../../test/conformance/distribution.js';
import { distance, instance, scripted } from '../../../test/conformance/instance.js';
import { changed, goldenImages, record } from '../../../test/conformance/operations.js';
import { eigenOf } from './eigen.js';
import { colourCovariance, PcaLighting } from './pca-lighting.js';

const { covariance, values, vectors, factors } = record.pca;
const vector = (index: number) => vectors.slice(index * 3, index * 3 + 3);

describe('pca-lighting', () => {
  it('measures the covariance and its components as NumPy does', () => {
    const found = tf.tidy(() => colourCovariance(goldenImages()));
    expect(distance(found.flat(), covariance)).toBeLessThan(1e-7);
    const eigen = eigenOf([0, 1, 2].map((row) => covariance.slice(row * 3, row * 3 + 3)));
    expect(distance(eigen.values, values)).toBeLessThan(1e-12);
    eigen.vectors.forEach((one, index) => {
      const along = one.reduce((sum, value, channel) => sum + value * vector(index)[channel]!, 0);
      expect(Math.abs(along)).toBeCloseTo(1, 10);
    });
  });

  it('adds what Krizhevsky adds', () => {
    const lighting = instance(PcaLighting, { sigma: 0.1 });
    tf.tidy(() => lighting.prepare(goldenImages()));
    const before = Array.from({ length: 3 }, () => 0.5);
    const { images } = changed(lighting, scripted({ normal: [...factors] }), { images: before, shape: [1, 1, 1, 3] });
    // Signs of eigenvectors are free: those of ours are turned to those of NumPy.
    const eigen = eigenOf(tf.tidy(() => colourCovariance(goldenImages())));
    const sign = (index: number) => Math.sign(eigen.vectors[index]!.reduce((sum, value, channel) => sum + value * vector(index)[channel]!, 0));
    const expected = [0, 1, 2].map((channel) => 0.5 + [0, 1, 2].reduce((sum, index) => sum + sign(index) * vector(index)[channel]! * 0.1 * factors[index]! * values[index]!, 0));
    expect(distance(images, expected)).toBeLessThan(1e-7);
  });

  it('has mean none and the covariance of the components over many draws', () => {
    const lighting = instance(PcaLighting, { sigma: 0.5 });
    tf.tidy(() => lighting.prepare(goldenImages()));
    const { images } = changed(lighting, createRandom(7), { images: Array.from({ length: draws * 3 }, () => 0.5), shape: [draws, 1, 1, 3] });
    for (const channel of [0, 1, 2]) {
      const { mean, variance } = moments(Array.from({ length: draws }, (_, image) => images[image * 3 + channel]! - 0.5));
      const expected = values.reduce((sum, value, index) => sum + (0.5 * value * vector(index)[channel]!) ** 2, 0);
      expect(Math.abs(mean)).toBeLessThan(tolerance(Math.sqrt(expected)));
      expect(Math.abs(variance - expected)).toBeLessThan(tolerance(Math.SQRT2 * expected));
    }
  });

  it('says so where it has not seen the dataset', () => {
    expect(() => changed(instance(PcaLighting), createRandom(0))).toThrow('prepare() comes before apply()');
  });
});
