import '../../../test/conformance/backend.js';
import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { layers } from '@tensorflow/tfjs-layers';
import { distance, golden } from '../../../test/conformance/instance.js';
import { gradientError } from '../../../test/conformance/numeric-gradient.js';
import { BatchNorm, GroupNorm, InstanceNorm, LayerNorm } from './index.js';

/** A layer that stands in no model. */
const release = (layer: layers.Layer) => layer.weights.forEach((weight) => weight.dispose());

interface Norm {
  gamma: number[];
  beta: number[];
  output: number[];
  inputGradient: number[];
  gammaGradient: number[];
  betaGradient: number[];
  movingMean?: number[];
  movingVariance?: number[];
  inference?: number[];
}
const record = golden<{ shape: [number, number, number, number]; x: number[]; upstream: number[]; norms: Record<string, Norm> }>('layers');
const x = () => tf.tensor4d(record.x, record.shape);
const upstream = () => tf.tensor4d(record.upstream, record.shape);

const kinds: [string, () => layers.Layer][] = [
  ['batch-norm', () => new BatchNorm()], ['layer-norm', () => new LayerNorm()], ['group-norm', () => new GroupNorm()], ['instance-norm', () => new InstanceNorm()],
];

/** A built layer with the golden scale and offset. */
function prepared(make: () => layers.Layer, { gamma, beta }: Norm): layers.Layer {
  const layer = make();
  layer.build([null, ...record.shape.slice(1)]);
  tf.tidy(() => {
    const [scale, offset, ...rest] = layer.getWeights();
    layer.setWeights([tf.tensor(gamma, scale!.shape), tf.tensor(beta, offset!.shape), ...rest]);
  });
  return layer;
}

describe.each(kinds)('%s', (name, make) => {
  const norm = record.norms[name]!;

  it('is PyTorch, forward and backward', () => {
    const layer = prepared(make, norm);
    tf.tidy(() => {
      const output = layer.apply(x(), { training: true }) as tf.Tensor;
      // Single precision beside double.
      expect(distance(output.dataSync(), norm.output)).toBeLessThan(5e-6);
      const loss = (at: tf.Tensor) => tf.sum(tf.mul(layer.apply(at, { training: true }) as tf.Tensor, upstream())) as tf.Scalar;
      expect(distance(tf.grad(loss)(x()).dataSync(), norm.inputGradient)).toBeLessThan(2e-5);
      const [gamma, beta] = layer.trainableWeights.map((weight) => weight.read() as tf.Variable) as [tf.Variable, tf.Variable];
      const { grads } = tf.variableGrads(() => loss(x()), [gamma, beta]);
      expect(distance(grads[gamma.name]!.dataSync(), norm.gammaGradient)).toBeLessThan(5e-5);
      expect(distance(grads[beta.name]!.dataSync(), norm.betaGradient)).toBeLessThan(5e-5);
    });
    release(layer);
  });

  it('has the gradient of its differences', () => {
    const layer = prepared(make, norm);
    const error = tf.tidy(() => gradientError((at) => layer.apply(at, { training: true }) as tf.Tensor, x(), upstream()));
    expect(error).toBeLessThan(0.01);
    release(layer);
  });
});

describe('batch-norm', () => {
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

it('group-norm refuses channels that cannot be parted', () => {
  expect(() => new GroupNorm({ groups: 3 }).build([null, 2, 2, 4])).toThrow('4 channels cannot be parted into 3 groups');
});
