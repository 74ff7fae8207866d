import '../../../test/conformance/backend.js';
import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { distance, golden } from '../../../test/conformance/instance.js';
import { release } from '../../../test/conformance/layer.js';
import { GlobalAverageHead } from './global-average-head.js';

interface Golden {
  shape: [number, number, number, number];
  x: number[];
  head: { kernel: number[]; bias: number[]; output: number[]; upstream: number[]; inputGradient: number[]; kernelGradient: number[]; biasGradient: number[] };
}
const record = golden<Golden>('layers');
const [, height, width, channels] = record.shape;
const x = () => tf.tensor4d(record.x, record.shape);

describe('global average head', () => {
  it('is PyTorch, forward and backward', () => {
    const layer = new GlobalAverageHead({ units: 3 });
    layer.build([null, height, width, channels]);
    tf.tidy(() => {
      layer.setWeights([tf.tensor(record.head.kernel, [1, 1, channels, 3]), tf.tensor(record.head.bias)]);
      const loss = (at: tf.Tensor) => tf.sum(tf.mul(layer.apply(at) as tf.Tensor, tf.tensor2d(record.head.upstream, [3, 3]))) as tf.Scalar;
      expect(distance((layer.apply(x()) as tf.Tensor).dataSync(), record.head.output)).toBeLessThan(1e-6);
      expect(distance(tf.grad(loss)(x()).dataSync(), record.head.inputGradient)).toBeLessThan(1e-6);
      const [kernel, bias] = layer.trainableWeights.map((weight) => weight.read() as tf.Variable) as [tf.Variable, tf.Variable];
      const { grads } = tf.variableGrads(() => loss(x()), [kernel, bias]);
      expect(distance(grads[kernel.name]!.dataSync(), record.head.kernelGradient)).toBeLessThan(1e-6);
      expect(distance(grads[bias.name]!.dataSync(), record.head.biasGradient)).toBeLessThan(1e-6);
    });
    release(layer);
  });
});
