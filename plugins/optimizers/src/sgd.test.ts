import '../../../test/conformance/backend.js';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from '@jest/globals';
import { distance, instance } from '../../../test/conformance/instance.js';
import { followsItsPeers } from '../../../test/conformance/trajectory.js';
import { SGD } from './sgd.js';

describe('sgd', () => {
  // Single precision against double: 1,000 roundings of half a unit in the last place of weights up to 10: 1.7e-6.
  followsItsPeers('sgd', (options) => instance(SGD, options), 1e-5);

  it('takes the gradient times the rate away', () => {
    tf.tidy(() => {
      const { delta, slots } = instance(SGD).update({ gradient: tf.tensor1d([1, -2]), slots: {}, step: 1, learningRate: 0.5, parameter: tf.zeros([2]) });
      expect([...delta.dataSync()]).toEqual([-0.5, 1]);
      expect(slots).toEqual({});
    });
  });

  it.each(['coupled', 'decoupled'])('decays weights without a gradient, by rate times decay: %s', (decay) => {
    tf.tidy(() => {
      const step = { gradient: tf.zeros([1]), slots: {}, step: 1, learningRate: 0.01, parameter: tf.tensor1d([5]) };
      expect(distance(instance(SGD, { weightDecay: 0.1, decay }).update(step).delta.dataSync(), [-0.005])).toBeLessThan(1e-8);
    });
  });
});
