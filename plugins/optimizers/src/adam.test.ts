import '../../../test/conformance/backend.js';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from '@jest/globals';
import { distance, golden, instance } from '../../../test/conformance/instance.js';
import { trajectory, type OptimizerGolden } from '../../../test/conformance/trajectory.js';
import { Adam } from './adam.js';

const record = golden<OptimizerGolden>('optimizers');
const cases = Object.entries(record.trajectories).filter(([, { name }]) => name === 'adam');

describe('adam', () => {
  it.each(cases)('goes where PyTorch goes in 1,000 steps: %s', (_label, { rate, options, samples }) => {
    const before = tf.memory().numTensors;
    const found = trajectory(instance(Adam, options), () => rate, record);
    // Single precision against double; the ratio of two small moments magnifies roundings, hence more than for sgd.
    expect(distance(found.flat(), samples.flat(2))).toBeLessThan(3e-5);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('steps by the rate at first, however small the gradient', () => {
    tf.tidy(() => {
      const step = { gradient: tf.tensor1d([1e-4, -10]), slots: {}, step: 1, learningRate: 0.01, parameter: tf.zeros([2]) };
      expect(distance(instance(Adam).update(step).delta.dataSync(), [-0.01, 0.01])).toBeLessThan(1e-5);
    });
  });

  it('decays weights without a gradient, by rate times decay', () => {
    tf.tidy(() => {
      const step = { gradient: tf.zeros([1]), slots: {}, step: 1, learningRate: 0.01, parameter: tf.tensor1d([5]) };
      expect(instance(Adam, { weightDecay: 0.1 }).update(step).delta.dataSync()[0]).toBeCloseTo(-0.005, 7);
    });
  });
});
