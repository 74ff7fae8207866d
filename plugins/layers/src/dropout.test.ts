import '../../../test/conformance/backend.js';
import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { gradientError } from '../../../test/conformance/numeric-gradient.js';
import { Dropout } from './dropout.js';

const numbers = (tensor: tf.Tensor): number[] => [...tensor.dataSync()];
const share = (values: number[], of: number) => values.filter((value) => value === of).length / values.length;

describe('dropout', () => {
  it('drops its share in training and keeps the mean; at inference it is nothing', () => {
    const layer = new Dropout({ rate: 0.3 });
    tf.tidy(() => {
      const values = numbers(layer.apply(tf.ones([100, 100]), { training: true }) as tf.Tensor);
      expect(new Set(values)).toEqual(new Set([0, Math.fround(1 / Math.fround(0.7))]));
      // Five standard errors.
      expect(Math.abs(share(values, 0) - 0.3)).toBeLessThan(5 * Math.sqrt(0.21 / 10_000));
      expect(numbers(layer.apply(tf.ones([2, 2])) as tf.Tensor)).toEqual([1, 1, 1, 1]);
    });
  });

  it('scaled at inference has the mean of training there', () => {
    const layer = new Dropout({ rate: 0.25, scaling: 'inference' });
    tf.tidy(() => {
      expect(new Set(numbers(layer.apply(tf.ones([50, 50]), { training: true }) as tf.Tensor))).toEqual(new Set([0, 1]));
      expect(new Set(numbers(layer.apply(tf.ones([2, 2])) as tf.Tensor))).toEqual(new Set([0.75]));
    });
  });

  it('of the Monte Carlo kind drops at inference: many predictions differ and average to the expectation', () => {
    const layer = new Dropout({ rate: 0.5, monteCarlo: true });
    const outputs = tf.tidy(() => Array.from({ length: 400 }, () => numbers(layer.apply(tf.ones([1, 20])) as tf.Tensor)));
    expect(outputs[0]).not.toEqual(outputs[1]);
    const mean = outputs.flat().reduce((sum, value) => sum + value, 0) / 8000;
    expect(Math.abs(mean - 1)).toBeLessThan(5 / Math.sqrt(8000));
  });

  it('lets the gradient through what it kept', () => {
    tf.tidy(() => {
      const x = tf.randomNormal([4, 6], 0, 1, 'float32', 1);
      const run = (at: tf.Tensor) => new Dropout({ rate: 0.5, seed: 3 }).apply(at, { training: true }) as tf.Tensor;
      expect(gradientError(run, x, tf.onesLike(x))).toBeLessThan(1e-3);
    });
  });
});
