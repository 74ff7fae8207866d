import '../../../test/conformance/backend.js';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from '@jest/globals';
import { distance, instance } from '../../../test/conformance/instance.js';
import { followsItsPeers } from '../../../test/conformance/trajectory.js';
import { Adam } from './adam.js';

describe('adam', () => {
  // Single precision against double; the ratio of two small moments magnifies roundings, hence more than for sgd: 5.9e-6.
  followsItsPeers('adam', (options) => instance(Adam, options), 1e-5);

  it('steps by the rate at first, however small the gradient; three times as far without bias correction', () => {
    tf.tidy(() => {
      const step = { gradient: tf.tensor1d([1e-4, -10]), slots: {}, step: 1, learningRate: 0.01, parameter: tf.zeros([2]) };
      expect(distance(instance(Adam).update(step).delta.dataSync(), [-0.01, 0.01])).toBeLessThan(1e-5);
      const far = 0.1 / Math.sqrt(0.001);
      expect(distance(instance(Adam, { biasCorrection: false }).update(step).delta.dataSync(), [-0.01 * far, 0.01 * far])).toBeLessThan(2e-4);
    });
  });

  it('decays weights without a gradient, by rate times decay', () => {
    tf.tidy(() => {
      const step = { gradient: tf.zeros([1]), slots: {}, step: 1, learningRate: 0.01, parameter: tf.tensor1d([5]) };
      expect(instance(Adam, { weightDecay: 0.1 }).update(step).delta.dataSync()[0]).toBeCloseTo(-0.005, 7);
    });
  });

  it('counts epsilon under the root as larger than behind it', () => {
    tf.tidy(() => {
      const step = { gradient: tf.tensor1d([0.01]), slots: {}, step: 1, learningRate: 1, parameter: tf.zeros([1]) };
      expect(instance(Adam, { epsilon: 1e-4 }).update(step).delta.dataSync()[0]).toBeCloseTo(-0.01 / (0.01 + 1e-4), 5);
      expect(instance(Adam, { epsilon: 1e-4, epsilonInside: true }).update(step).delta.dataSync()[0]).toBeCloseTo(-0.01 / Math.sqrt(2e-4), 5);
    });
  });
});
