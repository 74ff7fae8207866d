import '../../../test/conformance/backend.js';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from '@jest/globals';
import { distance, golden, instance } from '../../../test/conformance/instance.js';
import { trajectory, type OptimizerGolden } from '../../../test/conformance/trajectory.js';
import { SGD } from './sgd.js';

const record = golden<OptimizerGolden>('optimizers');

describe('sgd', () => {
  it('goes where PyTorch goes in 1,000 steps', () => {
    const { rate, options, samples } = record.trajectories.sgd!;
    const before = tf.memory().numTensors;
    const found = trajectory(instance(SGD, options), () => rate, record);
    // Single precision against double: 1,000 roundings of half a unit in the last place of weights up to 10.
    expect(distance(found.flat(), samples.flat(2))).toBeLessThan(1e-5);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('takes the gradient times the rate away', () => {
    tf.tidy(() => {
      const { delta, slots } = new SGD().update({ gradient: tf.tensor1d([1, -2]), slots: {}, step: 1, learningRate: 0.5, parameter: tf.zeros([2]) });
      expect([...delta.dataSync()]).toEqual([-0.5, 1]);
      expect(slots).toEqual({});
    });
  });
});
