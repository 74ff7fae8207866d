import '../../../test/conformance/backend.js';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from '@jest/globals';
import type { Optimizer } from '@cultivar/sdk';
import { creator } from '../../../test/conformance/created.js';
import { followsItsPeers } from '../../../test/conformance/trajectory.js';
import plugin from './index.js';

const create = await creator(plugin);

describe('lookahead', () => {
  // As for the optimizers inside: adam's ratio of two small moments magnifies roundings: 3.4e-6.
  followsItsPeers('lookahead', (options) => create<Optimizer>('optimizer', { name: 'lookahead', ...options }), 1e-5);

  it('goes k steps forward and part of the way back, and measures the slow weights', () => {
    tf.tidy(() => {
      const lookahead = create<Optimizer>('optimizer', 'lookahead:of=sgd,every=2,share=0.25');
      let slots: Record<string, tf.Tensor> = {};
      let parameter: tf.Tensor = tf.scalar(0);
      const seen = [1, 2, 3, 4].map((step) => {
        const update = lookahead.update({ gradient: tf.scalar(-1), slots, step, learningRate: 2, parameter });
        ({ slots } = update);
        parameter = tf.add(parameter, update.delta);
        return [parameter.dataSync()[0], lookahead.evaluated!({ parameter, slots, step }).dataSync()[0]];
      });
      expect(seen).toEqual([[2, 0], [1, 1], [3, 1], [2, 2]]);
    });
  });
});
