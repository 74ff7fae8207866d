import '../../../test/conformance/backend.js';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from '@jest/globals';
import { distance, golden, instance } from '../../../test/conformance/instance.js';
import { trajectory, type OptimizerGolden } from '../../../test/conformance/trajectory.js';
import { Momentum } from './momentum.js';

const record = golden<OptimizerGolden>('optimizers');
const cases = Object.entries(record.trajectories).filter(([, { name }]) => name === 'momentum');

describe('momentum', () => {
  it.each(cases)('goes where PyTorch goes in 1,000 steps: %s', (_label, { rate, options, schedule, samples }) => {
    const rateAt = (step: number) => (schedule === 'cosine' ? (rate * (1 + Math.cos((Math.PI * step) / record.steps))) / 2 : rate);
    const before = tf.memory().numTensors;
    const found = trajectory(instance(Momentum, options), rateAt, record);
    // Single precision against double, over 1,000 steps.
    expect(distance(found.flat(), samples.flat(2))).toBeLessThan(1e-5);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('keeps a velocity that outlives the gradient', () => {
    const gradient = tf.tensor1d([1, -2]);
    const { slots } = tf.tidy(() => instance(Momentum).update({ gradient, slots: {}, step: 1, learningRate: 0.5, parameter: gradient }));
    gradient.dispose();
    expect([...slots.velocity!.dataSync()]).toEqual([1, -2]);
    tf.dispose(slots);
  });

  it('without momentum is gradient descent', () => {
    tf.tidy(() => {
      const step = { gradient: tf.tensor1d([4]), slots: { velocity: tf.tensor1d([100]) }, step: 2, learningRate: 0.5, parameter: tf.zeros([1]) };
      expect(instance(Momentum, { momentum: 0 }).update(step).delta.dataSync()[0]).toBe(-2);
    });
  });
});
