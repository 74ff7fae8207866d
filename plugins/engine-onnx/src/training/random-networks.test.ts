import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { randomNetwork } from '../testing/random-network.js';
import { trainingDifference } from '../testing/training-agreement.js';

describe('training steps of random networks', () => {
  it.each(['frozen', 'train'] as const)('agree with tfjs within 1e-4: batch-norm %s', async (batchNorm) => {
    let steps = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const before = tf.memory().numTensors;
      // tfjs-layers has no gradients for a batch-norm without scale or offset, and drops out where it trains.
      const model = randomNetwork(seed, { wholeBatchNorm: true, dropout: batchNorm === 'frozen', averagePoolingPads: false });
      if (model.trainableWeights.length > 0) {
        const drawn = `seed ${seed}, ${model.layers.map((layer) => layer.getClassName()).join(' ')}`;
        const [worst, where] = await trainingDifference(model, { batchNorm }, { seed, batch: 2 + (seed % 3) }).catch((error: unknown) => {
          throw new Error(drawn, { cause: error });
        });
        if (!(worst < 1e-4)) throw new Error(`${worst} at ${where}: ${drawn}`);
        steps += 1;
      }
      model.dispose();
      expect(tf.memory().numTensors).toBe(before);
    }
    expect(steps).toBeGreaterThan(50);
  });
});
