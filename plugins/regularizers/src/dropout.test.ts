import '../../../test/conformance/backend.js';
import { createRandom } from '@cultivar/kernel';
import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { instance } from '../../../test/conformance/instance.js';
import { Dropout } from './dropout.js';

describe('dropout', () => {
  it.each([0.1, 0.5, 0.8])('drops a share of %d and keeps the mean', (rate) => {
    const [layer] = instance(Dropout, { rate }).headLayers();
    const values = tf.tidy(() => layer!.apply(tf.ones([100, 100]) as tf.Tensor2D, true, createRandom(1)).dataSync<'float32'>().slice());
    expect(new Set(values)).toEqual(new Set([0, Math.fround(1 / (1 - rate))]));
    // Five standard errors.
    const dropped = values.filter((value) => value === 0).length / values.length;
    expect(Math.abs(dropped - rate)).toBeLessThan(5 * Math.sqrt((rate * (1 - rate)) / values.length));
  });

  it('scaled at inference instead, has the same mean in training and there, and tells the trainer', () => {
    const [layer] = instance(Dropout, { rate: 0.2, scaling: 'inference' }).headLayers();
    tf.tidy(() => {
      const values = layer!.apply(tf.ones([100, 100]) as tf.Tensor2D, true, createRandom(1)).dataSync<'float32'>();
      expect(new Set(values)).toEqual(new Set([0, 1]));
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      expect(Math.abs(mean - 0.8)).toBeLessThan(5 * Math.sqrt((0.2 * 0.8) / values.length));
      expect(new Set(layer!.apply(tf.ones([2, 2]) as tf.Tensor2D, false, createRandom(1)).dataSync())).toEqual(new Set([Math.fround(0.8)]));
    });
    expect(layer!.inferenceScale).toBe(0.8);
    expect(instance(Dropout).headLayers()[0]!.inferenceScale).toBe(1);
  });

  it('is nothing at inference', () => {
    const [layer] = instance(Dropout).headLayers();
    tf.tidy(() => expect([...layer!.apply(tf.tensor2d([[1, 2, 3]]), false, createRandom(1)).dataSync()]).toEqual([1, 2, 3]));
  });

  it('passes the gradient through what it kept', () => {
    const [layer] = instance(Dropout).headLayers();
    tf.tidy(() => {
      const features = tf.ones([4, 8]) as tf.Tensor2D;
      const gradient = tf.grad((x: tf.Tensor) => tf.sum(layer!.apply(x as tf.Tensor2D, true, createRandom(2))))(features).dataSync();
      expect([...gradient]).toEqual([...layer!.apply(features, true, createRandom(2)).dataSync()]);
    });
  });
});
