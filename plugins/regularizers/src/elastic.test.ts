import '../../../test/conformance/backend.js';
import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { distance, golden, instance } from '../../../test/conformance/instance.js';
import { Elastic } from './elastic.js';
import { L1 } from './l1.js';
import { L2 } from './l2.js';

const { weight, penalties } = golden<{ weight: number[]; penalties: { elastic: { value: number; gradient: number[] } } }>('layers');

describe('elastic', () => {
  it('is PyTorch, value and gradient', () => {
    const regularizer = instance(Elastic, { lambda: 0.03, ratio: 0.3 });
    tf.tidy(() => {
      expect(regularizer.penalty(tf.tensor1d(weight)).dataSync()[0]).toBeCloseTo(penalties.elastic.value, 6);
      const gradient = tf.grad((w) => regularizer.penalty(w))(tf.tensor1d(weight)).dataSync();
      expect(distance(gradient, penalties.elastic.gradient)).toBeLessThan(1e-7);
    });
  });

  it('ends in l1 and in l2', () => {
    tf.tidy(() => {
      const w = tf.tensor1d(weight);
      const value = (penalty: tf.Tensor) => penalty.dataSync()[0];
      expect(value(instance(Elastic, { lambda: 0.1, ratio: 1 }).penalty(w))).toBeCloseTo(value(instance(L1, { lambda: 0.1 }).penalty(w))!, 6);
      expect(value(instance(Elastic, { lambda: 0.1, ratio: 0 }).penalty(w))).toBeCloseTo(value(instance(L2, { lambda: 0.1 }).penalty(w))!, 6);
    });
  });
});
