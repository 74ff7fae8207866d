import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { chain, largestDifference, layers } from '../testing/agreement.js';

/** Three times the input first, so that ceilings and tails are reached. */
const wide = () => layers.rescaling({ scale: 8, offset: 0.5 });

describe('activation', () => {
  it.each(['linear', 'relu', 'relu6', 'sigmoid', 'hardSigmoid', 'tanh', 'elu', 'selu', 'softplus', 'softsign', 'softmax', 'logSoftmax', 'swish', 'mish', 'gelu', 'gelu_new'] as const)('%s', async (activation) => {
    for (const shape of [[5, 4, 3], [6]]) {
      expect(await largestDifference(chain(shape, wide(), layers.activation({ activation: activation as 'relu' })))).toBeLessThan(1e-5);
    }
  });
  it('rectifiers', async () => {
    for (const layer of [layers.reLU(), layers.reLU({ maxValue: 4 }), layers.leakyReLU({ alpha: 0.1 }), layers.elu(), layers.thresholdedReLU({ theta: 0.8 }), layers.softmax({ axis: -1 })]) {
      expect(await largestDifference(chain([5, 4, 3], wide(), layer))).toBeLessThan(1e-5);
    }
  });
  it('prelu with slopes of its own, and shared', async () => {
    expect(await largestDifference(chain([5, 4, 3], layers.prelu({})))).toBeLessThan(1e-6);
    expect(await largestDifference(chain([5, 4, 3], layers.prelu({ sharedAxes: [1, 2] })))).toBeLessThan(1e-6);
    expect(await largestDifference(chain([6], layers.prelu({})))).toBeLessThan(1e-6);
  });
  it('leaves no tensors', async () => {
    const before = tf.memory().numTensors;
    const model = chain([5], layers.dense({ units: 3 }));
    await largestDifference(model);
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
