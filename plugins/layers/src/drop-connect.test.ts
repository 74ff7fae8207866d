import '../../../test/conformance/backend.js';
import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { release } from '../../../test/conformance/layer.js';
import { DropConnect } from './drop-connect.js';

const numbers = (tensor: tf.Tensor): number[] => [...tensor.dataSync()];

describe('drop-connect', () => {
  it('drops weights, one mask for the batch, and keeps the mean', () => {
    const layer = new DropConnect({ units: 40, rate: 0.4 });
    layer.build([null, 50]);
    tf.tidy(() => {
      layer.setWeights([tf.ones([50, 40]), tf.zeros([40])]);
      const [one, other] = tf.unstack(layer.apply(tf.ones([2, 50]), { training: true }) as tf.Tensor);
      expect(numbers(one!)).toEqual(numbers(other!));
      const mean = numbers(one!).reduce((sum, value) => sum + value, 0) / 40;
      expect(Math.abs(mean - 50)).toBeLessThan((5 * Math.sqrt((50 * 0.4) / 0.6)) / Math.sqrt(40));
      expect(new Set(numbers(layer.apply(tf.ones([1, 50])) as tf.Tensor))).toEqual(new Set([50]));
    });
    release(layer);
  });

  it('gives dropped weights no gradient', () => {
    const layer = new DropConnect({ units: 6, rate: 0.5 });
    layer.build([null, 8]);
    const kernel = layer.trainableWeights[0]!.read() as tf.Variable;
    const gradient = tf.tidy(() => numbers(tf.variableGrads(() => tf.sum(layer.apply(tf.ones([1, 8]), { training: true }) as tf.Tensor) as tf.Scalar, [kernel]).grads[kernel.name]!));
    expect(new Set(gradient)).toEqual(new Set([0, 2]));
    release(layer);
  });
});
