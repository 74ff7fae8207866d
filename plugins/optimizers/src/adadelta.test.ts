import '../../../test/conformance/backend.js';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from '@jest/globals';
import { distance, instance } from '../../../test/conformance/instance.js';
import { followsItsPeers } from '../../../test/conformance/trajectory.js';
import { Adadelta } from './adadelta.js';

describe('adadelta', () => {
  // Single precision against double; steps grow out of sums near epsilon, so that roundings are magnified: 2.8e-6.
  followsItsPeers('adadelta', (options) => instance(Adadelta, options), 1e-5);

  it('needs no rate: that of the run is left aside, the schedule and the share of the stage are not', () => {
    tf.tidy(() => {
      const step = { gradient: tf.tensor1d([3, -1]), slots: {}, step: 1, parameter: tf.zeros([2]) };
      const moved = (learningRate: number, multiplier: number) => [...instance(Adadelta).update({ ...step, learningRate, multiplier }).delta.dataSync()];
      expect(moved(1e-4, 1)).toEqual(moved(10, 1));
      expect(distance(moved(1, 0.5), moved(1, 1).map((value) => value / 2))).toBeLessThan(1e-9);
    });
  });

  it('does not mind the scale of the loss', () => {
    tf.tidy(() => {
      const [small, large] = [1, 1000].map((scale) => {
        const step = { gradient: tf.tensor1d([3 * scale, -scale]), slots: {}, step: 1, learningRate: 1, parameter: tf.zeros([2]) };
        return instance(Adadelta).update(step).delta.dataSync();
      });
      expect(distance(small!, large!)).toBeLessThan(1e-5);
    });
  });
});
