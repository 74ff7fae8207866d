import '../../../test/conformance/backend.js';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from '@jest/globals';
import { distance, instance } from '../../../test/conformance/instance.js';
import { followsItsPeers } from '../../../test/conformance/trajectory.js';
import { Lion } from './lion.js';

describe('lion', () => {
  // Single precision against double. All steps are alike, so that roundings add up in place of averaging out: at most 1,000 times
  // half a unit in the last place of weights between 1 and 2, 6e-8 each; 4.3e-5 is measured; with decay, which forgets, 1.1e-6. No momentum comes near zero, where rounding would turn a sign.
  followsItsPeers('lion', (options) => instance(Lion, options), 5e-5);

  it('moves every weight by the rate, and one without a gradient not at all', () => {
    tf.tidy(() => {
      const step = { gradient: tf.tensor1d([1e-6, -50, 0]), slots: {}, step: 1, learningRate: 0.25, parameter: tf.zeros([3]) };
      expect(distance(instance(Lion).update(step).delta.dataSync(), [-0.25, 0.25, 0])).toBe(0);
    });
  });
});
