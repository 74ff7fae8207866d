import '../../../test/conformance/backend.js';
import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { distance, golden, instance } from '../../../test/conformance/instance.js';
import { L1 } from './l1.js';

const { weight, penalties } = golden<{ weight: number[]; penalties: { l1: { value: number; gradient: number[] } } }>('layers');

describe('l1', () => {
  it('is PyTorch, value and gradient', () => {
    const regularizer = instance(L1, { lambda: 0.03 });
    tf.tidy(() => {
      expect(regularizer.penalty(tf.tensor1d(weight)).dataSync()[0]).toBeCloseTo(penalties.l1.value, 6);
      const gradient = tf.grad((w) => regularizer.penalty(w))(tf.tensor1d(weight)).dataSync();
      expect(distance(gradient, penalties.l1.gradient)).toBeLessThan(1e-7);
    });
  });

  it('has a gradient of zero at zero', () => {
    tf.tidy(() => expect(tf.grad((w) => instance(L1).penalty(w))(tf.zeros([1])).dataSync()[0]).toBe(0));
  });
});
