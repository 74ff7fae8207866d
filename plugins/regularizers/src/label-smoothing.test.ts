import '../../../test/conformance/backend.js';
import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { golden, instance } from '../../../test/conformance/instance.js';
import { LabelSmoothing } from './label-smoothing.js';

const { logits, labels, smoothing: cases } = golden<{ logits: number[][]; labels: number[]; smoothing: { smoothing: number; loss: number }[] }>('regularizers');

describe('label-smoothing', () => {
  it.each(cases)('gives the loss that PyTorch gives: $smoothing', ({ smoothing, loss }) => {
    tf.tidy(() => {
      const hot = tf.cast(tf.oneHot(tf.tensor1d(labels, 'int32'), 4), 'float32') as tf.Tensor2D;
      const targets = instance(LabelSmoothing, { smoothing }).targets(hot);
      const found = tf.neg(tf.mean(tf.sum(tf.mul(targets, tf.logSoftmax(tf.tensor2d(logits))), 1)));
      expect(found.dataSync()[0]).toBeCloseTo(loss, 6);
      for (const sum of tf.sum(targets, 1).dataSync()) expect(sum).toBeCloseTo(1, 6);
    });
  });
});
