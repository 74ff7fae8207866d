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
function network(): tfl.LayersModel {
  const input = tfl.input({ shape: [8, 8, 3] });
  let x = put(layers.conv2d({ name: 'stem', filters: 6, kernelSize: 3, strides: 2, padding: 'same', useBias: false }), input);
  x = put(layers.reLU({ maxValue: 6 }), put(layers.batchNormalization({ name: 'stem_bn' }), x));
  let y = put(layers.depthwiseConv2d({ name: 'deep', kernelSize: 3, padding: 'same' }), x);
  y = put(layers.activation({ activation: 'relu6' }), put(layers.batchNormalization({ name: 'deep_bn' }), y));
  y = put(layers.conv2d({ name: 'point', filters: 6, kernelSize: 1 }), y);
  const model = tfl.model({ inputs: input, outputs: put(layers.add(), x, y) });
  randomWeights(model);
  return model;
}

type Weights = Record<string, number[]>;
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

  it('gives the same numbers for the same weights and batch', async () => {
    const model = network();
    expect(await engineStep(model, { batchNorm: 'frozen' }, 4)).toEqual(await engineStep(model, { batchNorm: 'frozen' }, 4));
    model.dispose();
  });

  it.each([['one group of images', 4, 6], ['two', 16, 16]])('gives the gradients joined where they are asked for so, the same numbers in the order of the weights: %s', async (_, batch, filters) => {
    const before = tf.memory().numTensors;
    // Of 16 images of 300 px, 16 numbers a place are above the bytes of a group.
    const model = batch === 4 ? network() : chain([300, 300, 3], layers.conv2d({ name: 'wide', filters, kernelSize: 1 }), layers.globalAveragePooling2d({ name: 'pool' }), layers.dense({ name: 'dense', units: filters }));
    randomWeights(model);
    const input = randomInput(model, batch, 1);
    const { head, loss } = headAndLoss(filters);
    const found: { losses: number[]; gradients: Record<string, number[]>[] } [] = [];
    for (const joinedGradients of [false, true]) {
      const program = await engine.training(model, { batchNorm: 'frozen', joinedGradients });
      const one: (typeof found)[0] = { losses: [], gradients: [] };
      for (let step = 0; step < 3; step += 1) {
        // The last one of an epoch may be smaller.
        const images = tf.slice(input, 0, step === 1 ? batch - 1 : batch);
        const { loss: number, gradients, joined } = await program.lossAndGradients(images, loss, [head]);
        expect(joined !== undefined).toBe(joinedGradients);
        expect(Object.keys(gradients)).toEqual(joinedGradients ? [head.name] : [...Object.keys(program.parameters), head.name]);
        const own: Record<string, number[]> = { head: [...gradients[head.name]!.dataSync()] };
        expect(joined?.names ?? Object.keys(program.parameters)).toEqual(Object.keys(program.parameters));
        const values = joined && [...joined.values.dataSync()];
        for (const [name, { size }] of Object.entries(program.parameters)) own[name] = values ? values.splice(0, size) : [...gradients[name]!.dataSync()];
        expect(values ?? []).toEqual([]);
        one.losses.push(number);
        one.gradients.push(own);
        tf.dispose([images, gradients]);
        joined?.values.dispose();
      }
      found.push(one);
      await program.dispose();
    }
    expect(found[1]).toEqual(found[0]);
    expect(Math.max(...Object.values(found[0]!.gradients[0]!).flat().map(Math.abs))).toBeGreaterThan(0);
    tf.dispose([input, head]);
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
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

  it('refuses to go on once it is disposed', async () => {
    const model = network();
    const program = await engine.training(model, { batchNorm: 'train' });
    const input = randomInput(model, 2, 1);
    await program.dispose();
    await expect(program.lossAndGradients(input, () => tf.scalar(0), [])).rejects.toThrow('disposed');
    tf.dispose(input);
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
