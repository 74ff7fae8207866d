import '../../../test/conformance/backend.js';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from '@jest/globals';
import { distance, instance } from '../../../test/conformance/instance.js';
import { followsItsPeers } from '../../../test/conformance/trajectory.js';
import { NAdam } from './nadam.js';

describe('nadam', () => {
  // As for adam: 2.8e-6.
  followsItsPeers('nadam', (options) => instance(NAdam, options), 1e-5);

  it('keeps the product of its momenta, one number for all weights', () => {
    tf.tidy(() => {
      const gradient = tf.tensor1d([1, -3]);
      const optimizer = instance(NAdam, { momentumDecay: 1 });
      const first = optimizer.update({ gradient, slots: {}, step: 1, learningRate: 0.1, parameter: gradient });
      const second = optimizer.update({ gradient, slots: first.slots, step: 2, learningRate: 0.1, parameter: gradient });
      expect(distance(second.slots['product']!.dataSync(), [0.9 * (1 - 0.48) * 0.9 * (1 - 0.4608)])).toBeLessThan(1e-7);
    });
  });
});
