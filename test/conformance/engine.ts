import type { Engine } from '@cultivar/sdk';
import { expect } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { layers, sequential, type LayersModel } from '@tensorflow/tfjs-layers';
import { distance } from './instance.js';
import { drawn, type Checks } from './subject.js';

const images = { data: Float32Array.from(drawn(2 * 8 * 8 * 3)), shape: [2, 8, 8, 3] };

/** A convolution, a batch-norm with statistics of its own, a relu. */
function network(): LayersModel {
  const model = sequential({
    layers: [
      layers.conv2d({ inputShape: [8, 8, 3], filters: 4, kernelSize: 3, strides: 2, padding: 'same', name: 'conv' }),
      layers.batchNormalization({ name: 'norm' }),
      layers.reLU({ name: 'relu' }),
    ],
  });
  tf.tidy(() => model.setWeights(model.getWeights().map((weight, index) => {
    const values = tf.tensor(drawn(weight.size, index * 100 + 1), weight.shape);
    return index === 5 ? tf.add(tf.abs(values), 0.5) : values;
  })));
  return model;
}

async function withNetwork(engine: Engine, work: (model: LayersModel) => Promise<void>): Promise<void> {
  const { ok, reasons } = await engine.available();
  expect(reasons.length).toBeGreaterThan(0);
  if (!ok) return;
  const model = network();
  const before = tf.memory().numTensors;
  await work(model);
  expect(tf.memory().numTensors).toBe(before);
  model.dispose();
}

export const engineChecks: Checks<Engine> = {
  'computes what tfjs computes, for any size of batch, or says why it is not available': ({ make }) => {
    const engine = make();
    return withNetwork(engine, async (model) => {
      const expected = tf.tidy(() => (model.predict(tf.tensor4d(images.data, [2, 8, 8, 3])) as tf.Tensor).dataSync().slice());
      const program = await engine.inference(model, {});
      const [both] = await program.run(images);
      expect(both!.shape).toEqual([2, 4, 4, 4]);
      expect(distance(both!.data, expected)).toBeLessThan(1e-4);
      const [first] = await program.run({ data: images.data.slice(0, 192), shape: [1, 8, 8, 3] });
      expect(distance(first!.data, expected.slice(0, 64))).toBeLessThan(1e-4);
      await program.dispose();
    });
  },
  'pools the outputs of the layers that are asked for': ({ make }) => {
    const engine = make();
    return withNetwork(engine, async (model) => {
      const expected = tf.tidy(() => tf.mean(model.predict(tf.tensor4d(images.data, [2, 8, 8, 3])) as tf.Tensor, [1, 2]).dataSync().slice());
      const program = await engine.inference(model, { outputs: [{ layer: 'relu', pool: 'average' }, { layer: 'conv' }] });
      const [pooled, conv] = await program.run(images);
      expect(pooled!.shape).toEqual([2, 4]);
      expect(distance(pooled!.data, expected)).toBeLessThan(1e-4);
      expect(conv!.shape).toEqual([2, 4, 4, 4]);
      await program.dispose();
    });
  },
  'trains, if it can: gradients of the suffix and of the head, frozen batch-norm left out': ({ make }) => {
    const engine = make();
    return withNetwork(engine, async (model) => {
      if (!engine.training) return;
      const program = await engine.training(model, { batchNorm: 'frozen' });
      const head = tf.tidy(() => tf.variable(tf.ones([4, 2]), true, 'conformance/head'));
      const input = tf.tensor4d(images.data, [2, 8, 8, 3]);
      const loss = (features: tf.Tensor) => tf.sum(tf.matMul(tf.mean(features, [1, 2]) as tf.Tensor2D, head as unknown as tf.Tensor2D)) as tf.Scalar;
      const found = await program.lossAndGradients(input, loss, [head]);
      const expected = tf.tidy(() => loss(model.predict(input) as tf.Tensor).dataSync()[0]!);
      expect(found.loss).toBeCloseTo(expected, 4);
      const named = Object.keys(found.gradients).sort();
      expect(named).toEqual([...Object.keys(program.parameters), head.name].sort());
      expect(named.some((name) => name.startsWith('norm'))).toBe(false);
      const gradients = await Promise.all(Object.values(found.gradients).map((gradient) => gradient.data()));
      expect(gradients.every((values) => [...values].every(Number.isFinite))).toBe(true);
      tf.dispose([found.gradients, input]);
      head.dispose();
      await program.dispose();
    });
  },
};
