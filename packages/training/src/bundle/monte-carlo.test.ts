import { createRandom } from '@cultivar/kernel';
import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { layers, sequential, type LayersModel } from '@tensorflow/tfjs-layers';
import '../../../../test/conformance/backend.js';
import { distance } from '../../../../test/conformance/instance.js';
import { monteCarloHead } from './monte-carlo.js';

const kernel = [1, -1, 0.5, 0, 2, -2, -0.5, 1];
const features = { data: Float32Array.of(1, 2, -1, 0.5, 0, 1, 1, 1), shape: [2, 4] };

function classifier(name = 'head'): LayersModel {
  const model = sequential({ layers: [layers.globalAveragePooling2d({ name: 'pool', inputShape: [2, 2, 4] }), layers.dense({ name, units: 2, activation: 'softmax' })] });
  tf.tidy(() => model.layers[1]!.setWeights([tf.tensor2d(kernel, [4, 2]), tf.tensor1d([0.1, -0.1])]));
  return model;
}

/** Over all sixteen masks of four features, each as likely as it is. */
function expectation(rate: number): number[] {
  const mean = [0, 0, 0, 0];
  for (let mask = 0; mask < 16; mask += 1) {
    const kept = [0, 1, 2, 3].map((feature) => (mask >> feature) & 1);
    const likely = kept.reduce((product, one) => product * (one ? 1 - rate : rate), 1);
    for (const row of [0, 1]) {
      const logits = [0.1, -0.1].map((bias, k) => kept.reduce((sum, one, feature) => sum + (one / (1 - rate)) * features.data[row * 4 + feature]! * kernel[feature * 2 + k]!, bias));
      const first = 1 / (1 + Math.exp(logits[1]! - logits[0]!));
      mean[row * 2]! += likely * first;
      mean[row * 2 + 1]! += likely * (1 - first);
    }
  }
  return mean;
}

describe('Monte Carlo dropout', () => {
  it('averages to the expectation over all masks', async () => {
    const model = classifier();
    const before = tf.memory().numTensors;
    const head = await monteCarloHead(model, 'here', { rate: 0.3, draws: 4000 }, createRandom(1));
    expect(head.layer).toBe('pool');
    // Four standard errors of a probability at most.
    expect(distance(head.probabilities(features).data, expectation(0.3))).toBeLessThan((4 * 0.5) / Math.sqrt(4000));
    expect(tf.memory().numTensors).toBe(before);
    model.dispose();
  });

  it('of rate 0 is the classifier; it is the same each time, for each image alone as for many', async () => {
    const model = classifier();
    const plain = await monteCarloHead(model, 'here', { rate: 0, draws: 3 }, createRandom(1));
    expect(distance(plain.probabilities(features).data, expectation(0))).toBeLessThan(1e-6);
    const [one, other, third] = await Promise.all([1, 1, 2].map((seed) => monteCarloHead(model, 'here', { rate: 0.5, draws: 5 }, createRandom(seed))));
    const whole = one!.probabilities(features).data;
    expect(other!.probabilities(features).data).toEqual(whole);
    expect(one!.probabilities({ data: features.data.slice(4), shape: [1, 4] }).data).toEqual(whole.slice(2));
    expect(third!.probabilities(features).data).not.toEqual(whole);
    model.dispose();
  });

  it('refuses what does not end in one classifier', async () => {
    const model = classifier('members');
    await expect(monteCarloHead(model, 'here', { rate: 0.5, draws: 2 }, createRandom(1))).rejects.toMatchObject({ code: 'BUNDLE_INVALID' });
    model.dispose();
  });
});
