import { afterAll, describe, expect, it } from '@jest/globals';
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import '../../../../test/conformance/backend.js';
import { distance } from '../../../../test/conformance/instance.js';
import { classifierProduct } from './classifier-product.js';

afterAll(() => tf.setBackend('cpu'));

describe('the product of a classifier', () => {
  it.each(['cpu', 'wasm'])('%s: is the matrix product, and so are its gradients', async (backend) => {
    await tf.setBackend(backend);
    const before = tf.memory().numTensors;
    for (const [batch, features, classes] of [[3, 5, 2], [60, 7, 70], [1, 4, 1]] as const) {
      tf.tidy(() => {
        const [x, w] = [tf.randomNormal([batch, features], 0, 1, 'float32', 1), tf.randomNormal([features, classes], 0, 1, 'float32', 2)] as [tf.Tensor2D, tf.Tensor2D];
        const of = (product: (a: tf.Tensor2D, b: tf.Tensor2D) => tf.Tensor) => {
          const { value, grads } = tf.valueAndGrads((a: tf.Tensor, b: tf.Tensor) => tf.sum(tf.square(product(a as tf.Tensor2D, b as tf.Tensor2D))) as tf.Scalar)([x, w]);
          return [value, ...grads].map((tensor) => [...tensor.dataSync()]);
        };
        const [expected, found] = [of((a, b) => tf.matMul(a, b)), of(classifierProduct)];
        expected.forEach((values, index) => expect(distance(found[index]!, values)).toBeLessThan(1e-4 * Math.max(...values.map(Math.abs))));
      });
    }
    expect(tf.memory().numTensors).toBe(before);
  });
});
