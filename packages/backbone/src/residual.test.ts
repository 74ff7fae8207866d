import '@tensorflow/tfjs-backend-cpu';
import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { input, layers, model as makeModel, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { flatten } from './network/layer-graph.js';
import { residualBlocks, withBranchLayers } from './residual.js';

const put = (layer: layers.Layer, ...x: SymbolicTensor[]) => layer.apply(x.length === 1 ? x[0]! : x) as SymbolicTensor;

/** Two residual blocks: a plain one, and one whose shortcut is a convolution; and an addition of two equals. */
function network() {
  const image = input({ shape: [6, 6, 3] });
  const stem = put(layers.conv2d({ name: 'stem', filters: 4, kernelSize: 1 }), image);
  const branch = put(layers.conv2d({ name: 'branch', filters: 4, kernelSize: 3, padding: 'same' }), stem);
  const first = put(layers.add({ name: 'first' }), stem, branch);
  const relu = put(layers.reLU({ name: 'relu' }), first);
  const long = put(layers.conv2d({ name: 'long', filters: 5, kernelSize: 1 }), put(layers.conv2d({ name: 'deep', filters: 4, kernelSize: 3, padding: 'same' }), relu));
  const second = put(layers.add({ name: 'second' }), long, put(layers.conv2d({ name: 'shortcut', filters: 5, kernelSize: 1 }), relu));
  const equal = put(layers.add({ name: 'equal' }), put(layers.reLU({ name: 'one' }), second), put(layers.reLU({ name: 'other' }), second));
  return makeModel({ inputs: image, outputs: equal });
}

class Times extends layers.Layer {
  static className = 'Times';
  constructor(private readonly factor: number) {
    super({});
  }
  override computeOutputShape(shape: (number | null)[]) {
    return shape;
  }
  override call(inputs: tf.Tensor | tf.Tensor[]) {
    return tf.mul(Array.isArray(inputs) ? inputs[0]! : inputs, this.factor);
  }
}

describe('residual blocks', () => {
  it('are additions of a branch to a shortcut, whichever comes first', () => {
    expect(residualBlocks(flatten(network()))).toEqual([{ add: 'first', branch: 'branch' }, { add: 'second', branch: 'long' }]);
  });

  it('get a layer behind their branch, on the very same weights', async () => {
    await tf.setBackend('cpu');
    const model = network();
    const before = tf.memory().numTensors;
    const asked: [number, number][] = [];
    const branched = withBranchLayers(model, (block, blocks) => {
      asked.push([block, blocks]);
      return block === 0 ? new Times(0) : undefined;
    });
    expect(asked).toEqual([[0, 2], [1, 2]]);
    expect(branched.layers).toHaveLength(model.layers.length + 1);
    expect(branched.trainableWeights.map((weight) => weight.read())).toEqual(model.trainableWeights.map((weight) => weight.read()));
    tf.tidy(() => {
      const image = tf.randomNormal([1, 6, 6, 3], 0, 1, 'float32', 1);
      const without = branched.predict(image) as tf.Tensor;
      expect(tf.max(tf.abs(tf.sub(without, model.predict(image) as tf.Tensor))).dataSync()[0]).toBeGreaterThan(0.01);
      const branch = model.getLayer('branch');
      branch.setWeights(branch.getWeights().map((weight) => tf.zerosLike(weight)));
      expect([...(model.predict(image) as tf.Tensor).dataSync()]).toEqual([...without.dataSync()]);
    });
    branched.dispose();
    expect(tf.memory().numTensors).toBe(before);
    expect(withBranchLayers(model, () => undefined)).toBe(model);
    model.dispose();
  });
});
