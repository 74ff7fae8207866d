import '../../../test/conformance/backend.js';
import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { distance, golden, instance } from '../../../test/conformance/instance.js';
import { L2 } from './l2.js';

const { decay } = golden<{ decay: { lambda: number; weight: number[]; gradient: number[] }[] }>('regularizers');

describe('l2', () => {
  it.each(decay)('has the gradient of PyTorch\'s weight_decay: lambda $lambda', ({ lambda, weight, gradient }) => {
    const regularizer = instance(L2, { lambda });
    tf.tidy(() => {
      const weights = tf.tensor1d(weight);
      expect(regularizer.penalty(weights).dataSync()[0]).toBeCloseTo((lambda / 2) * weight.reduce((sum, value) => sum + value ** 2, 0), 6);
      expect(distance(tf.grad((x) => regularizer.penalty(x))(weights).dataSync(), gradient)).toBeLessThan(1e-7);
    });
  });
});
