import '../../../test/conformance/backend.js';
import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { layers } from '@tensorflow/tfjs-layers';
import { gradientError } from '../../../test/conformance/numeric-gradient.js';
import { DropConnect, Dropout, StochasticDepth } from './index.js';

/** A layer that stands in no model. */
const release = (layer: layers.Layer) => layer.weights.forEach((weight) => weight.dispose());

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

describe('drop-connect', () => {
  it('drops weights, one mask for the batch, and keeps the mean', () => {
    const layer = new DropConnect({ units: 40, rate: 0.4 });
    layer.build([null, 50]);
    tf.tidy(() => {
      layer.setWeights([tf.ones([50, 40]), tf.zeros([40])]);
      const [one, other] = tf.unstack(layer.apply(tf.ones([2, 50]), { training: true }) as tf.Tensor);
      expect(numbers(one!)).toEqual(numbers(other!));
      const mean = numbers(one!).reduce((sum, value) => sum + value, 0) / 40;
      expect(Math.abs(mean - 50)).toBeLessThan((5 * Math.sqrt((50 * 0.4) / 0.6)) / Math.sqrt(40));
      expect(new Set(numbers(layer.apply(tf.ones([1, 50])) as tf.Tensor))).toEqual(new Set([50]));
    });
    release(layer);
  });

  it('gives dropped weights no gradient', () => {
    const layer = new DropConnect({ units: 6, rate: 0.5 });
    layer.build([null, 8]);
    const kernel = layer.trainableWeights[0]!.read() as tf.Variable;
    const gradient = tf.tidy(() => numbers(tf.variableGrads(() => tf.sum(layer.apply(tf.ones([1, 8]), { training: true }) as tf.Tensor) as tf.Scalar, [kernel]).grads[kernel.name]!));
    expect(new Set(gradient)).toEqual(new Set([0, 2]));
    release(layer);
  });
});

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
