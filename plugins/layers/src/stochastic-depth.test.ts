import '../../../test/conformance/backend.js';
import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { StochasticDepth } from './stochastic-depth.js';

const numbers = (tensor: tf.Tensor): number[] => [...tensor.dataSync()];
const share = (values: number[], of: number) => values.filter((value) => value === of).length / values.length;

describe('stochastic depth', () => {
  it('drops whole images and keeps the mean', () => {
    const layer = new StochasticDepth({ rate: 0.2 });
    tf.tidy(() => {
      const output = layer.apply(tf.ones([2000, 2, 2, 1]), { training: true }) as tf.Tensor;
      const images = numbers(tf.reshape(output, [2000, 4]));
      for (let image = 0; image < 2000; image += 1) expect(new Set(images.slice(image * 4, image * 4 + 4)).size).toBe(1);
      expect(Math.abs(share(images, 0) - 0.2)).toBeLessThan(5 * Math.sqrt(0.16 / 2000));
      expect(new Set(images)).toEqual(new Set([0, 1.25]));
      expect(numbers(layer.apply(tf.ones([1, 1, 1, 1])) as tf.Tensor)).toEqual([1]);
    });
  });
});
