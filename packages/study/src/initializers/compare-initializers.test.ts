import '../../../../test/conformance/backend.js';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { createKernel } from '@cultivar/kernel';
import initializers from '@cultivar/initializers';
import * as tf from '@tensorflow/tfjs-core';
import { distance } from '../../../../test/conformance/instance.js';
import { drawn } from '../../../../test/conformance/subject.js';
import { compareInitializers, type InitializerTrial } from './compare-initializers.js';
import { passes } from './deep-network.js';
import { drawInitializers } from './draw-initializers.js';

const kernel = await createKernel({ plugins: [initializers] });
const trials: InitializerTrial[] = [];
const verdict = (activation: string, initializer: string) => trials.find((trial) => trial.activation === activation && trial.initializer === initializer)!.verdict;

const layers = (initializer: string) => trials.find((trial) => trial.activation === 'tanh' && trial.initializer === initializer)!.layers;

describe('compare initializers', () => {
  beforeAll(async () => {
    const before = tf.memory().numTensors;
    trials.push(...await compareInitializers(kernel, { units: 48, samples: 64 }));
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each([
    ['zeros', 'symmetric', 'symmetric'],
    ['constant', 'symmetric', 'symmetric'],
    ['normal:deviation=1', 'saturated', 'exploded'],
    ['normal:deviation=0.01', 'collapsed', 'collapsed'],
    ['glorot', 'steady', 'shrinking'],
    ['he', 'steady', 'steady'],
  ])('shows what the lecture shows: %s, %s behind tanh and %s behind relu', (initializer, tanh, relu) => {
    expect([verdict('tanh', initializer), verdict('relu', initializer)]).toEqual([tanh, relu]);
  });

  it('tells symmetric units from those that differ', () => {
    expect(layers('constant').map(({ distinct }) => distinct)).toEqual(Array.from({ length: 10 }, () => 1));
    expect(layers('he').every(({ distinct }) => distinct === 48)).toBe(true);
    expect(layers('zeros')[0]!.activation.zero).toBe(1);
  });

  it('has histograms whose shares sum to one', () => {
    for (const trial of trials.filter(({ activation }) => activation === 'tanh')) {
      for (const { activation } of trial.layers) expect(activation.values.shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 6);
    }
  });

  it('is the same for the same seed, and another for another', async () => {
    const options = { initializers: [{ name: 'he' }], activations: ['relu' as const], layers: 2, units: 8, samples: 4 };
    const once = await compareInitializers(kernel, options);
    expect(await compareInitializers(kernel, options)).toEqual(once);
    expect(await compareInitializers(kernel, { ...options, seed: 1 })).not.toEqual(once);
  });

  it('draws a picture of outputs and one of gradients for each kind of network', () => {
    const pictures = drawInitializers(trials);
    expect(Object.keys(pictures)).toEqual(['activations-tanh.svg', 'gradients-tanh.svg', 'activations-relu.svg', 'gradients-relu.svg']);
    for (const picture of Object.values(pictures)) {
      expect(picture).toContain('normal:deviation=0.01 (collapsed)');
      expect(picture.match(/<rect/g)!.length).toBeGreaterThan(80);
    }
  });
});

describe('a deep network', () => {
  it.each(['tanh', 'relu'] as const)('has the gradients that tfjs finds: %s', (activation) => {
    const f = (x: tf.Tensor) => (activation === 'tanh' ? tf.tanh(x) : tf.relu(x)) as tf.Tensor2D;
    tf.tidy(() => {
      const input = tf.tensor2d(drawn(12), [3, 4]);
      const kernels = [tf.tensor2d(drawn(20, 30), [4, 5]), tf.tensor2d(drawn(30, 60), [5, 6]), tf.tensor2d(drawn(12, 100), [6, 2])];
      const labels = [0, 1, 1];
      const loss = (first: tf.Tensor, second: tf.Tensor) => {
        const scores = tf.matMul(f(tf.matMul(f(tf.matMul(input, first as tf.Tensor2D)), second as tf.Tensor2D)), kernels[2]!);
        return tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(scores), tf.oneHot(tf.tensor1d(labels, 'int32'), 2)), 1))) as tf.Scalar;
      };
      const expected = tf.grads(loss)([kernels[0]!, kernels[1]!]);
      const { kernelGradients, activations, gradients } = passes(input, kernels, labels, activation);
      kernelGradients.forEach((gradient, layer) => expect(distance(gradient.dataSync(), expected[layer]!.dataSync())).toBeLessThan(1e-6));
      expect(gradients.map(({ shape }) => shape)).toEqual(activations.map(({ shape }) => shape));
    });
  });
});
