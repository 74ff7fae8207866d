import { expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { layers } from '@tensorflow/tfjs-layers';
import { distance, golden } from './instance.js';
import { release } from './layer.js';
import { gradientError } from './numeric-gradient.js';

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
/** What `test/golden/layers.py` writes of the layers that normalise. */
export const record = golden<{ shape: [number, number, number, number]; x: number[]; upstream: number[]; norms: Record<string, Norm> }>('layers');
export const x = () => tf.tensor4d(record.x, record.shape);
export const upstream = () => tf.tensor4d(record.upstream, record.shape);

/** A built layer with the golden scale and offset. */
export function prepared(make: () => layers.Layer, { gamma, beta }: Norm): layers.Layer {
  const layer = make();
  layer.build([null, ...record.shape.slice(1)]);
  tf.tidy(() => {
    const [scale, offset, ...rest] = layer.getWeights();
    layer.setWeights([tf.tensor(gamma, scale!.shape), tf.tensor(beta, offset!.shape), ...rest]);
  });
  return layer;
}

/** Tests of a layer that normalises: PyTorch's values, and its gradient by differences. */
export function testNorm(name: string, make: () => layers.Layer): void {
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
}
