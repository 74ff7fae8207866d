import '../../../test/conformance/backend.js';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from '@jest/globals';
import { distance, instance } from '../../../test/conformance/instance.js';
import { followsItsPeers } from '../../../test/conformance/trajectory.js';
import { Nesterov } from './nesterov.js';

describe('nesterov', () => {
  // Single precision against double, over 1,000 steps: 4.3e-6.
  followsItsPeers('nesterov', (options) => instance(Nesterov, options), 1e-5);

  it('walks one path in both forms, and measures the weight behind it in the original one', () => {
    tf.tidy(() => {
      const slots = { velocity: tf.tensor1d([2]) };
      const step = { gradient: tf.tensor1d([4]), slots, step: 2, learningRate: 0.5, parameter: tf.tensor1d([10]) };
      for (const form of ['original', 'rewritten']) {
        const update = instance(Nesterov, { form, momentum: 0.5 }).update(step);
        // v' = 0.5 * 2 - 0.5 * 4 = -1; W' - W = -0.5 * 2 + 1.5 * v'
        expect(distance(update.slots['velocity']!.dataSync(), [-1])).toBe(0);
        expect(distance(update.delta.dataSync(), [-2.5])).toBe(0);
      }
      const state = { parameter: step.parameter, slots };
      expect(distance(instance(Nesterov, { form: 'original', momentum: 0.5 }).evaluated(state).dataSync(), [9])).toBe(0);
      expect(instance(Nesterov).evaluated(state)).toBe(step.parameter);
    });
  });
});
