import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import '@tensorflow/tfjs-backend-cpu';
import { OnnxEngine } from '../onnx-engine.js';
import { chain, layers, randomWeights } from '../testing/agreement.js';
import { engineStep, headAndLoss, randomInput } from '../testing/training-agreement.js';

const engine = new OnnxEngine();

const put = (layer: tfl.layers.Layer, ...x: tfl.SymbolicTensor[]) => layer.apply(x.length === 1 ? x[0]! : x) as tfl.SymbolicTensor;

/** A stem, a block with a skip, batch-norm and relu6 everywhere. */
function network(batchNorm: { scale?: boolean; center?: boolean; momentum?: number } = {}): tfl.LayersModel {
  const input = tfl.input({ shape: [8, 8, 3] });
  let x = put(layers.conv2d({ name: 'stem', filters: 6, kernelSize: 3, strides: 2, padding: 'same', useBias: false }), input);
  x = put(layers.reLU({ maxValue: 6 }), put(layers.batchNormalization({ name: 'stem_bn', ...batchNorm }), x));
  let y = put(layers.depthwiseConv2d({ name: 'deep', kernelSize: 3, padding: 'same' }), x);
  y = put(layers.activation({ activation: 'relu6' }), put(layers.batchNormalization({ name: 'deep_bn', ...batchNorm }), y));
  y = put(layers.conv2d({ name: 'point', filters: 6, kernelSize: 1 }), y);
  const model = tfl.model({ inputs: input, outputs: put(layers.add(), x, y) });
  randomWeights(model);
  return model;
}

type Weights = Record<string, number[]>;
/** How far a statistic is from its mixture with the batch's. */
const distance = (name: string, batch: ArrayLike<number>, keep: number, old: Weights, now: Weights): number =>
  Math.max(...now[name]!.map((value, index) => Math.abs(value - (keep * old[name]![index]! + (1 - keep) * batch[index]!))));
const snapshot = (model: tfl.LayersModel): Weights => Object.fromEntries(model.weights.map((weight) => [weight.originalName, Array.from(weight.read().dataSync())]));

describe('a training program of ONNX Runtime', () => {
  it('trains the variables of the model: the loss falls; frozen batch-norm has no gradients and does not move', async () => {
    const model = network();
    const before = snapshot(model);
    const program = await engine.training(model, { batchNorm: 'frozen' });
    expect(Object.keys(program.parameters)).toEqual(['stem/kernel', 'deep/depthwise_kernel', 'deep/bias', 'point/kernel', 'point/bias']);
    const input = randomInput(model, 4, 1);
    const { head } = headAndLoss(6);
    const loss = (x: tf.Tensor): tf.Scalar => tf.mean(tf.square(tf.sub(tf.mul(x, head), 1)));
    const losses: number[] = [];
    for (let step = 0; step < 60; step++) {
      const result = await program.lossAndGradients(input, loss, [head]);
      losses.push(result.loss);
      tf.tidy(() => {
        for (const [name, variable] of Object.entries({ ...program.parameters, [head.name]: head })) variable.assign(tf.sub(variable, tf.mul(result.gradients[name]!, 0.02)));
      });
      tf.dispose(result.gradients);
    }
    expect(losses.at(-1)).toBeLessThan(losses[0]! / 2);
    const after = snapshot(model);
    for (const name of Object.keys(before)) {
      if (name.includes('_bn/')) expect(after[name]).toEqual(before[name]);
      else expect(after[name]).not.toEqual(before[name]);
    }
    tf.dispose([input, head]);
    await program.dispose();
    model.dispose();
  });

  it.each([{}, { scale: false }, { center: false }, { scale: false, center: false }])('trained batch-norm with %j moves its statistics by the momentum asked for', async (kind) => {
    const model = network({ ...kind, momentum: 0.99 });
    const before = snapshot(model);
    const { gradients } = await engineStep(model, { batchNorm: 'train', batchNormMomentum: 0.8 }, 3);
    expect('stem_bn/gamma' in gradients).toBe(!('scale' in kind));
    expect('stem_bn/beta' in gradients).toBe(!('center' in kind));
    const after = snapshot(model);
    const expected = tf.tidy(() => {
      const x = tf.conv2d(randomInput(model, 3, 2) as tf.Tensor4D, model.getLayer('stem').getWeights()[0] as tf.Tensor4D, 2, 'same');
      const { mean, variance } = tf.moments(x, [0, 1, 2]);
      const places = x.size / 6;
      return { mean: mean.dataSync(), variance: tf.mul(variance, places / (places - 1)).dataSync() };
    });
    expect(distance('stem_bn/moving_mean', expected.mean, 0.8, before, after)).toBeLessThan(1e-5);
    expect(distance('stem_bn/moving_variance', expected.variance, 0.8, before, after)).toBeLessThan(1e-5);
    // Without one, by that of the file.
    await engineStep(model, { batchNorm: 'train' }, 3);
    expect(distance('stem_bn/moving_mean', expected.mean, 0.99, after, snapshot(model))).toBeLessThan(1e-5);
    model.dispose();
  });

  it('gives the same numbers for the same weights and batch', async () => {
    const model = network();
    expect(await engineStep(model, { batchNorm: 'frozen' }, 4)).toEqual(await engineStep(model, { batchNorm: 'frozen' }, 4));
    model.dispose();
  });

  it('takes batches of any size, one after the other', async () => {
    const model = network();
    const program = await engine.training(model, { batchNorm: 'frozen' });
    const { head, loss } = headAndLoss(6);
    for (const batch of [4, 1, 7]) {
      const input = randomInput(model, batch, 2);
      const { loss: found, gradients } = await program.lossAndGradients(input, loss, [head]);
      const expected = tf.tidy(() => loss(model.predict(input) as tf.Tensor).dataSync()[0]!);
      expect(Math.abs(found - expected) / Math.abs(expected)).toBeLessThan(1e-5);
      tf.dispose([input, gradients]);
    }
    head.dispose();
    await program.dispose();
    model.dispose();
  });

  it('a weight that the loss does not read has a gradient of zeros', async () => {
    const model = network();
    const program = await engine.training(model, { batchNorm: 'frozen' });
    const input = randomInput(model, 2, 1);
    const { head } = headAndLoss(6);
    const { gradients } = await program.lossAndGradients(input, () => tf.sum<tf.Scalar>(tf.square(head)), [head]);
    expect(Array.from(gradients['stem/kernel']!.dataSync()).every((value) => value === 0)).toBe(true);
    expect(gradients[head.name]!.shape).toEqual([6]);
    tf.dispose([gradients, input, head]);
    await program.dispose();
    model.dispose();
  });

  it('an error in the loss leaves no tensors', async () => {
    const model = network();
    const program = await engine.training(model, { batchNorm: 'train' });
    const input = randomInput(model, 2, 1);
    const before = tf.memory().numTensors;
    await expect(program.lossAndGradients(input, () => { throw new Error('no loss'); }, [])).rejects.toThrow('no loss');
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose(input);
    await program.dispose();
    await expect(program.lossAndGradients(input, () => tf.scalar(0), [])).rejects.toThrow('disposed');
    model.dispose();
  });

  it('layers that it cannot train are named before training starts', async () => {
    const wavy = class Wavy extends tfl.layers.Layer {
      static readonly className = 'Wavy';
      override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
        return tf.sin(Array.isArray(inputs) ? inputs[0]! : inputs);
      }
    };
    const model = chain([4, 4, 3], layers.conv2d({ filters: 2, kernelSize: 1 }), new wavy({ name: 'waves' }));
    await expect(engine.training(model, { batchNorm: 'frozen' })).rejects.toMatchObject({ code: 'ENGINE_UNSUPPORTED', message: expect.stringContaining('waves (Wavy)') });
    const open = chain([null, null, 3], layers.conv2d({ filters: 2, kernelSize: 1 }));
    await expect(engine.training(open, { batchNorm: 'frozen' })).rejects.toMatchObject({ code: 'ENGINE_UNSUPPORTED' });
    model.dispose();
    open.dispose();
  });

  it('leaves memory flat over hundreds of steps', async () => {
    const model = chain([32, 32, 3], layers.conv2d({ filters: 16, kernelSize: 3 }), layers.batchNormalization(), layers.reLU(), layers.depthwiseConv2d({ kernelSize: 3 }), layers.globalAveragePooling2d({}));
    randomWeights(model);
    const program = await engine.training(model, { batchNorm: 'train' });
    const input = randomInput(model, 16, 1);
    const { head, loss } = headAndLoss(16);
    const take = async (steps: number) => {
      for (let step = 0; step < steps; step++) tf.dispose((await program.lossAndGradients(input, loss, [head])).gradients);
    };
    await take(40);
    const [tensors, start] = [tf.memory().numTensors, process.memoryUsage.rss()];
    // Some 4 MB are kept in each step: 800 MB in all, were they not given back.
    await take(200);
    expect(tf.memory().numTensors).toBe(tensors);
    expect(process.memoryUsage.rss() - start).toBeLessThan(60e6);
    tf.dispose([input, head]);
    await program.dispose();
    model.dispose();
  });
});
