import '../../../test/conformance/backend.js';
import { createRandom } from '@cultivar/kernel';
import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { draws, moments, tolerance } from '../../../test/conformance/distribution.js';
import { distance, instance } from '../../../test/conformance/instance.js';
import { changed, goldenImages, record } from '../../../test/conformance/operations.js';
import { Blur, blurred, mirrored } from './blur.js';

describe('blur', () => {
  it.each(record.blur)('is torchvision, mirrored at the edges: sigma $sigma, $size pixels', ({ sigma, size, images }) => {
    const found = tf.tidy(() => blurred(goldenImages(), [sigma, sigma], size).dataSync());
    expect(distance(found, images)).toBeLessThan(1e-6);
  });

  it('blurs each image by a sigma of its own', () => {
    const [narrow, wide] = [record.blur[0]!, record.blur[1]!];
    const half = record.images.length / 2;
    const found = tf.tidy(() => blurred(goldenImages(), [narrow.sigma, wide.sigma], wide.size).dataSync());
    expect(distance(found.slice(half), wide.images.slice(half))).toBeLessThan(1e-6);
    expect(distance(found.slice(0, half), narrow.images.slice(0, half))).toBeLessThan(1e-6);
  });

  it('draws sigmas evenly', () => {
    const point = Array.from({ length: draws }, () => [0, 1, 0].flatMap((value) => [value, value, value])).flat();
    const { images } = changed(instance(Blur, { sigma: [0.5, 1.5], size: 3, probability: 1 }), createRandom(6), { images: point, shape: [draws, 1, 3, 3] });
    const middles = Array.from({ length: draws }, (_, image) => images[image * 9 + 3]!);
    const steps = 2000;
    const expected = Array.from({ length: steps }, (_, step) => 1 / (1 + 2 * Math.exp(-1 / (2 * (0.5 + (step + 0.5) / steps) ** 2))));
    expect(Math.abs(moments(middles).mean - moments(expected).mean)).toBeLessThan(tolerance(Math.sqrt(moments(expected).variance)));
  });

  it('mirrors about the outermost pixels, to and fro', () => {
    expect([-3, -2, -1, 0, 1, 2, 3, 4, 5].map((place) => mirrored(place, 3))).toEqual([1, 2, 1, 0, 1, 2, 1, 0, 1]);
    expect(mirrored(-5, 1)).toBe(0);
  });
});
