import '../../../test/conformance/backend.js';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from '@jest/globals';
import { instance } from '../../../test/conformance/instance.js';
import { followsItsPeers } from '../../../test/conformance/trajectory.js';
import { Adamax } from './adamax.js';

describe('adamax', () => {
  // As for adam: 3.3e-6.
  followsItsPeers('adamax', (options) => instance(Adamax, options), 1e-5);

  it('divides by the largest recent gradient', () => {
    tf.tidy(() => {
      const slots = { mean: tf.tensor1d([0]), largest: tf.tensor1d([4]) };
      const step = { gradient: tf.tensor1d([1]), slots, step: 1, learningRate: 1, parameter: tf.zeros([1]) };
      expect(instance(Adamax, { beta2: 0.5 }).update(step).delta.dataSync()[0]).toBeCloseTo(-1 / 2, 6);
      expect(instance(Adamax, { beta2: 0.1 }).update(step).delta.dataSync()[0]).toBeCloseTo(-1, 6);
    });
  });
});
