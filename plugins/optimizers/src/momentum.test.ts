import '../../../test/conformance/backend.js';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from '@jest/globals';
import { distance, instance } from '../../../test/conformance/instance.js';
import { followsItsPeers } from '../../../test/conformance/trajectory.js';
import { Momentum } from './momentum.js';

describe('momentum', () => {
  // Single precision against double, over 1,000 steps: 2.9e-6.
  followsItsPeers('momentum', (options) => instance(Momentum, options), 1e-5);

  it('keeps a velocity that outlives the gradient', () => {
    const gradient = tf.tensor1d([1, -2]);
    const { delta, slots } = tf.tidy(() => instance(Momentum).update({ gradient, slots: {}, step: 1, learningRate: 0.5, parameter: gradient }));
    gradient.dispose();
    expect([...slots['velocity']!.dataSync()]).toEqual([1, -2]);
    tf.dispose([delta, slots]);
  });

  it('without momentum is gradient descent', () => {
    tf.tidy(() => {
      const step = { gradient: tf.tensor1d([4]), slots: { velocity: tf.tensor1d([100]) }, step: 2, learningRate: 0.5, parameter: tf.zeros([1]) };
      expect(distance(instance(Momentum, { momentum: 0 }).update(step).delta.dataSync(), [-2])).toBe(0);
    });
  });
});
