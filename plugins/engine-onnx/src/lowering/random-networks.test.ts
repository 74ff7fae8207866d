import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { largestDifference } from '../testing/agreement.js';
import { randomNetwork } from '../testing/random-network.js';

describe('random networks', () => {
  it('agree with tfjs within 1e-4', async () => {
    for (let seed = 1; seed <= 80; seed++) {
      const before = tf.memory().numTensors;
      const model = randomNetwork(seed);
      const worst = await largestDifference(model, { seed, batch: 1 + (seed % 3) });
      if (!(worst < 1e-4)) throw new Error(`seed ${seed}: ${worst} in ${model.layers.map((layer) => layer.getClassName()).join(' ')}`);
      model.dispose();
      expect(tf.memory().numTensors).toBe(before);
    }
  });
});
