import '../../../test/conformance/backend.js';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from '@jest/globals';
import { distance, instance } from '../../../test/conformance/instance.js';
import { followsItsPeers } from '../../../test/conformance/trajectory.js';
import { RMSProp } from './rmsprop.js';

describe('rmsprop', () => {
  // Single precision against double; the ratio of a small gradient to its own size magnifies roundings, hence more than for sgd: 3.3e-6.
  followsItsPeers('rmsprop', (options) => instance(RMSProp, options), 1e-5);

  it('steps by rate / sqrt(1 - rho) at first, however small the gradient', () => {
    tf.tidy(() => {
      const step = { gradient: tf.tensor1d([1e-4, -10]), slots: {}, step: 1, learningRate: 0.01, parameter: tf.zeros([2]) };
      expect(distance(instance(RMSProp, { rho: 0.99 }).update(step).delta.dataSync(), [-0.1, 0.1])).toBeLessThan(1e-4);
    });
  });

  it('keeps only the slots that its options need', () => {
    tf.tidy(() => {
      const step = { gradient: tf.tensor1d([1]), slots: {}, step: 1, learningRate: 0.01, parameter: tf.zeros([1]) };
      const names = (options: object) => Object.keys(instance(RMSProp, { ...options }).update(step).slots);
      expect(names({})).toEqual(['square']);
      expect(names({ centered: true, momentum: 0.9 })).toEqual(['square', 'mean', 'velocity']);
    });
  });
});
