import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import { meanOverPlaces } from './mean-over-places.js';

describe('mean over places', () => {
  it.each([[2, 3, 5, 4], [1, 1, 1, 1], [3, 7, 7, 2]] as const)('[%i,%i,%i,%i]: value and gradient are those of tf.mean', (...shape) => {
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const x = tf.randomNormal<tf.Rank.R4>([...shape], 0.5, 1, 'float32', 1);
      const weights = tf.randomNormal([shape[0], shape[3]], 0, 1, 'float32', 2);
      const through = (pool: (features: tf.Tensor4D) => tf.Tensor) => tf.valueAndGrad((features) => tf.sum(tf.mul(tf.square(pool(features as tf.Tensor4D)), weights)))(x);
      const [own, stock] = [through(meanOverPlaces), through((features) => tf.mean(features, [1, 2]))];
      expect(own.value.dataSync()[0]).toBeCloseTo(stock.value.dataSync()[0]!, 5);
      const [found, expected] = [own.grad.dataSync(), stock.grad.dataSync()];
      expected.forEach((value, index) => expect(found[index]).toBeCloseTo(value, 5));
    });
    expect(tf.memory().numTensors).toBe(before);
  });
});
