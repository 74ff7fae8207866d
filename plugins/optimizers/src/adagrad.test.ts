import '../../../test/conformance/backend.js';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from '@jest/globals';
import { distance, instance } from '../../../test/conformance/instance.js';
import { followsItsPeers } from '../../../test/conformance/trajectory.js';
import { Adagrad } from './adagrad.js';

describe('adagrad', () => {
  // Single precision against double, over 1,000 steps: 3.8e-6.
  followsItsPeers('adagrad', (options) => instance(Adagrad, options), 1e-5);

  it('takes ever smaller steps along an unchanging gradient: rate / sqrt(t)', () => {
    tf.tidy(() => {
      const gradient = tf.tensor1d([3, -0.01]);
      let slots: Record<string, tf.Tensor> = {};
      for (let t = 1; t <= 9; t += 1) {
        const update = instance(Adagrad).update({ gradient, slots, step: t, learningRate: 0.6, parameter: gradient });
        expect(distance(update.delta.dataSync(), [-0.6 / Math.sqrt(t), 0.6 / Math.sqrt(t)])).toBeLessThan(1e-6);
        slots = update.slots;
      }
    });
  });
});
