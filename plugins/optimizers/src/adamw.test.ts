import '../../../test/conformance/backend.js';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from '@jest/globals';
import { distance, instance } from '../../../test/conformance/instance.js';
import { followsItsPeers } from '../../../test/conformance/trajectory.js';
import { AdamW } from './adamw.js';

describe('adamw', () => {
  // As for adam: 2.6e-6.
  followsItsPeers('adamw', (options) => instance(AdamW, options), 1e-5);

  it('decays by default, and decays alike whatever the gradient', () => {
    tf.tidy(() => {
      const [far, near] = [4, 0].map((weight) => {
        const step = { gradient: tf.tensor1d([1, 1000]), slots: {}, step: 1, learningRate: 0.1, parameter: tf.tensor1d([weight, weight]) };
        return instance(AdamW, { weightDecay: 0.5 }).update(step).delta.dataSync();
      });
      expect(distance([...far!].map((value, index) => value - near![index]!), [-0.2, -0.2])).toBeLessThan(1e-6);
      expect(instance(AdamW).options.weightDecay).toBe(0.01);
    });
  });
});
