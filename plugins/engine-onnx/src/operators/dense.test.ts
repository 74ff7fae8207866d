import { describe, expect, it } from '@jest/globals';
import '@tensorflow/tfjs-backend-cpu';
import { chain, largestDifference, layers } from '../testing/agreement.js';

describe('dense', () => {
  it.each([[[6]], [[4, 6]], [[3, 5, 6]]])('over the last axis of %j', async (shape) => {
    for (const useBias of [true, false]) expect(await largestDifference(chain(shape, layers.dense({ units: 5, useBias, activation: 'tanh' })))).toBeLessThan(1e-5);
  });
  it('softmax over classes', async () => {
    expect(await largestDifference(chain([6], layers.dense({ units: 5, activation: 'softmax' })))).toBeLessThan(1e-6);
    expect(await largestDifference(chain([3, 5, 6], layers.dense({ units: 5, activation: 'softmax' })))).toBeLessThan(1e-6);
  });
});
