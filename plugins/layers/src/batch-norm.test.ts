import '../../../test/conformance/backend.js';
import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { distance } from '../../../test/conformance/instance.js';
import { release } from '../../../test/conformance/layer.js';
import { prepared, record, testNorm, upstream, x } from '../../../test/conformance/norm.js';
import { BatchNorm } from './batch-norm.js';

describe('batch-norm', () => {
  testNorm('batch-norm', () => new BatchNorm());

  it('moves its statistics as PyTorch does, once a step, and uses them at inference', () => {
    const norm = record.norms['batch-norm']!;
    const before = tf.memory().numTensors;
    const layer = prepared(() => new BatchNorm({ momentum: 0.9 }), norm);
    tf.tidy(() => {
      layer.apply(x(), { training: true });
      const [, , mean, variance] = layer.getWeights();
      expect(distance(mean!.dataSync(), norm.movingMean!)).toBeLessThan(1e-6);
      expect(distance(variance!.dataSync(), norm.movingVariance!)).toBeLessThan(1e-6);
      expect(distance((layer.apply(x()) as tf.Tensor).dataSync(), norm.inference!)).toBeLessThan(5e-6);
    });
    release(layer);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('frozen is as at inference: neither statistics nor output know of the batch', () => {
    const layer = prepared(() => new BatchNorm({ trainable: false }), record.norms['batch-norm']!);
    tf.tidy(() => {
      const inference = (layer.apply(x()) as tf.Tensor).dataSync();
      expect([...(layer.apply(x(), { training: true }) as tf.Tensor).dataSync()]).toEqual([...inference]);
      expect([...layer.getWeights()[2]!.dataSync()]).toEqual([0, 0, 0, 0]);
    });
    expect(layer.trainableWeights).toEqual([]);
    release(layer);
  });

  it('trains without a scale, where tfjs itself cannot', () => {
    const layer = new BatchNorm({ scale: false });
    layer.build([null, 6, 5, 4]);
    const gradient = tf.tidy(() => tf.grad((at: tf.Tensor) => tf.sum(tf.mul(layer.apply(at, { training: true }) as tf.Tensor, upstream())))(x()).dataSync());
    expect([...gradient].every(Number.isFinite)).toBe(true);
    expect(layer.weights).toHaveLength(3);
    release(layer);
  });
});
