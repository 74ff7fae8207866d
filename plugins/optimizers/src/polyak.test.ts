import '../../../test/conformance/backend.js';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from '@jest/globals';
import type { Optimizer } from '@cultivar/sdk';
import { creator } from '../../../test/conformance/created.js';
import { distance } from '../../../test/conformance/instance.js';
import { followsItsPeers } from '../../../test/conformance/trajectory.js';
import plugin from './index.js';

const create = await creator(plugin);

describe('polyak', () => {
  // As for the optimizers inside: adam's ratio of two small moments magnifies roundings: 2.2e-6.
  followsItsPeers('polyak', (options) => create<Optimizer>('optimizer', { name: 'polyak', ...options }), 1e-5);

  it.each([['running', 2], ['exponential', 2.25]])('measures the mean of the weights since its start, the raw one before: %s', (average, mean) => {
    tf.tidy(() => {
      const polyak = create<Optimizer>('optimizer', { name: 'polyak', of: 'sgd', average, decay: 0.5, warmUp: false, start: 3 });
      let slots: Record<string, tf.Tensor> = {};
      let parameter: tf.Tensor = tf.scalar(-1);
      const measured = [1, 2, 3, 4, 5].map((step) => {
        const update = polyak.update({ gradient: tf.scalar(-1), slots, step, learningRate: step < 3 ? 1 : step === 3 ? 0 : 1, parameter });
        ({ slots } = update);
        parameter = tf.add(parameter, update.delta);
        return polyak.evaluated!({ parameter, slots, step }).dataSync()[0];
      });
      // Weights: 0, 1, 1, 2, 3.
      expect(measured.slice(0, 3)).toEqual([0, 1, 1]);
      expect(measured[3]).toBeCloseTo(1.5, 6);
      expect(measured[4]).toBeCloseTo(mean as number, 6);
    });
  });

  it('forgets faster at first with a warm-up', () => {
    tf.tidy(() => {
      const polyak = create<Optimizer>('optimizer', { name: 'polyak', of: 'sgd', decay: 0.999 });
      const first = polyak.update({ gradient: tf.scalar(0), slots: {}, step: 1, learningRate: 1, parameter: tf.scalar(0) });
      const second = polyak.update({ gradient: tf.scalar(-1), slots: first.slots, step: 2, learningRate: 1, parameter: tf.scalar(0) });
      expect(second.slots['average']!.dataSync()[0]).toBeCloseTo(9 / 11, 6);
    });
  });

  it('trains as the optimizer inside does, and can stand around another wrapper', () => {
    tf.tidy(() => {
      const step = { gradient: tf.tensor1d([1, -2]), slots: {}, step: 1, learningRate: 0.1, parameter: tf.zeros([2]) };
      const adam = create<Optimizer>('optimizer', 'adam:beta1=0.5').update(step);
      const inside = create<Optimizer>('optimizer', 'polyak:of=lookahead:of=adam:beta1=0.5').update(step);
      expect(distance(inside.delta.dataSync(), adam.delta.dataSync())).toBe(0);
      expect(Object.keys(inside.slots).sort()).toEqual(['average', 'count', 'of.of.mean', 'of.of.square', 'of.slow']);
    });
  });
});
