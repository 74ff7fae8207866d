import type { Layer } from '@cultivar/sdk';
import { expect } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { type layers, models, sequential } from '@tensorflow/tfjs-layers';
import { distance } from './instance.js';
import { drawn, numbers, withoutLeak, type Checks } from './subject.js';

/** Of a layer that stands in no model. */
export const release = (layer: layers.Layer) => layer.weights.forEach((weight) => weight.dispose());

const images: [number, number, number, number] = [3, 6, 5, 4];
const rows: [number, number] = [3, 8];

/** Layers of images and layers of rows: whichever the layer takes. */
function modelOf(made: layers.Layer): { model: ReturnType<typeof sequential>; shape: number[] } | undefined {
  for (const shape of [images, rows]) {
    try {
      const model = sequential({ layers: [Object.assign(made, { batchInputShape: [null, ...shape.slice(1)] })] });
      return { model, shape };
    } catch {
      // The other kind of input, then.
    }
  }
  return undefined;
}

function built(layer: Layer): { model: ReturnType<typeof sequential>; input: () => tf.Tensor } {
  const found = modelOf(layer.create());
  if (!found) throw new Error('the layer takes neither images nor rows');
  const { model, shape } = found;
  return { model, input: () => tf.tensor(drawn(shape.reduce((product, side) => product * side, 1)), shape) };
}

export const layerChecks: Checks<Layer> = {
  'has the shape that it says, at inference the same each time, and leaves its input as it was': ({ make }) => withoutLeak(() => {
    const { model, input } = built(make());
    tf.tidy(() => {
      const x = input();
      const before = numbers(x);
      const output = model.predict(x) as tf.Tensor;
      expect(output.shape.slice(1)).toEqual(model.outputs[0]!.shape.slice(1));
      expect(numbers(output).every(Number.isFinite)).toBe(true);
      if (!('monteCarlo' in model.layers[0]!.getConfig()) || !model.layers[0]!.getConfig()['monteCarlo']) expect(numbers(model.predict(x) as tf.Tensor)).toEqual(numbers(output));
      expect(numbers(x)).toEqual(before);
    });
    model.dispose();
  }),
  'in training draws from its seed alone, with finite gradients of input and weights': ({ make }) => withoutLeak(() => {
    const results = [1, 2].map(() => {
      const { model, input } = built(make());
      const result = tf.tidy(() => {
        const loss = (x: tf.Tensor) => tf.sum(tf.square(model.apply(x, { training: true }) as tf.Tensor)) as tf.Scalar;
        const gradient = numbers(tf.grad(loss)(input()));
        const weights = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
        const grads = weights.length > 0 ? Object.values(tf.variableGrads(() => loss(input()), weights).grads).flatMap(numbers) : [];
        return [...gradient, ...grads];
      });
      model.dispose();
      return result;
    });
    expect(results[0]!.every(Number.isFinite)).toBe(true);
    expect(results[1]).toEqual(results[0]);
  }),
  'saves and loads: the same outputs from the same weights, by its class name': ({ make }) => withoutLeak(async () => {
    const { model, input } = built(make());
    for (const weight of model.weights) {
      const value = tf.tidy(() => tf.add(weight.read(), tf.abs(tf.tensor(drawn(weight.read().size, 3), weight.shape as number[]))));
      weight.write(value);
      value.dispose();
    }
    const expected = tf.tidy(() => numbers(model.predict(input()) as tf.Tensor));
    let saved: tf.io.ModelArtifacts | undefined;
    await model.save(tf.io.withSaveHandler(async (artifacts) => {
      saved = artifacts;
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' as const } };
    }));
    const topology = JSON.parse(JSON.stringify(saved!.modelTopology)) as Parameters<typeof models.modelFromJSON>[0];
    const again = await models.modelFromJSON(topology);
    const weights = tf.io.decodeWeights(saved!.weightData as ArrayBuffer, saved!.weightSpecs!);
    again.loadWeights(weights);
    tf.dispose(weights);
    expect(distance(tf.tidy(() => numbers(again.predict(input()) as tf.Tensor)), expected)).toBeLessThan(1e-6);
    expect(again.layers.at(-1)!.getConfig()).toMatchObject(model.layers[0]!.getConfig());
    model.dispose();
    again.dispose();
  }),
};
