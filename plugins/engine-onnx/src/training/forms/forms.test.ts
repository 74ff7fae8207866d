import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import '@tensorflow/tfjs-backend-cpu';
import { chain, layers, randomWeights } from '../../testing/agreement.js';
import { engineStep, layersStep, numericalDifference, stepDifference, trainingDifference } from '../../testing/training-agreement.js';
import { groupsOf } from '../image-groups.js';
import { Tape } from '../tape.js';
import { isWorthLowering } from './blocked-batch-norm.js';

type Padding = 'same' | 'valid';
const put = (layer: tfl.layers.Layer, ...x: tfl.SymbolicTensor[]) => layer.apply(x.length === 1 ? x[0]! : x) as tfl.SymbolicTensor;
const rectifiers = ['linear', 'relu', 'relu6', 'swish'] as const;

/** Channels that fill groups of 8 and 16, fill them in part, or do not come in fours. */
const counts: [from: number, to: number][] = [[16, 32], [12, 20], [24, 8], [6, 16]];
const windows: [size: number, stride: number, padding: Padding, side: number][] = [
  [1, 1, 'valid', 6], [1, 2, 'same', 7], [1, 2, 'valid', 6], [3, 1, 'same', 7], [3, 1, 'valid', 6], [3, 2, 'same', 8], [3, 2, 'same', 7],
  [3, 2, 'valid', 7], [3, 2, 'valid', 8], [5, 2, 'same', 9], [2, 3, 'valid', 8], [5, 1, 'same', 4], [3, 2, 'same', 27], [2, 3, 'valid', 30],
];

/** Two layers behind one whose own gradient shows that of its output. */
const between = (first: tfl.layers.Layer, second: tfl.layers.Layer, side: number, depth: number) => chain([side, side, depth], layers.conv2d({ filters: depth, kernelSize: 1 }), first, second);

const agrees = async (model: tfl.LayersModel, batchNorm: 'frozen' | 'train' = 'frozen', batch = 3, seed = 1) => {
  const before = tf.memory().numTensors;
  const [worst, where] = await trainingDifference(model, { batchNorm }, { batch, seed });
  if (!(worst < 1e-4)) throw new Error(`${worst} at ${where}`);
  expect(tf.memory().numTensors).toBe(before);
  model.dispose();
};

describe('forms of convolutions agree with tfjs within 1e-4', () => {
  it.each(windows)('dense, window %d, stride %d, %s padding, %d pixels', async (kernelSize, strides, padding, side) => {
    for (const [index, [from, to]] of counts.entries()) {
      const activation = rectifiers[index % rectifiers.length]!;
      await agrees(between(layers.conv2d({ filters: to, kernelSize, strides, padding, useBias: index % 3 > 0, activation }), layers.conv2d({ filters: 8, kernelSize: 1 }), side, from));
    }
  });

  it.each(windows)('depthwise, window %d, stride %d, %s padding, %d pixels', async (kernelSize, strides, padding, side) => {
    for (const [index, [depth]] of counts.entries()) {
      const activation = rectifiers[index % rectifiers.length]!;
      await agrees(between(layers.depthwiseConv2d({ kernelSize, strides, padding, useBias: index % 3 > 0, activation }), layers.conv2d({ filters: 8, kernelSize: 1 }), side, depth));
    }
  });

  it.each([1, 2, 3, 4, 5])('on an image of %d channels', async (depth) => {
    for (const [kernelSize, strides, padding, side] of windows) {
      await agrees(chain([side, side, depth], layers.conv2d({ filters: 16, kernelSize, strides, padding, activation: 'relu6' }), layers.conv2d({ filters: 3, kernelSize: 1 })), 'frozen', 3, 5);
    }
  });

  it.each([[2, 4], [3, 4], [3, 5], [1, 3]])('1x1 between depthwise ones, %d images of %d pixels', async (batch, side) => {
    const depthwise = () => layers.depthwiseConv2d({ kernelSize: 3, padding: 'same', activation: 'relu6' });
    for (const [from, to] of counts) {
      await agrees(chain([side, side, from], depthwise(), layers.conv2d({ filters: to, kernelSize: 1, activation: 'relu' }), depthwise(), layers.globalAveragePooling2d({})), 'frozen', batch);
    }
  });

  it.each(['frozen', 'train'] as const)('dense ones, pooling and depthwise ones in turn, batch-norm %s', async (batchNorm) => {
    for (const depth of [8, 12, 16]) {
      const norm = () => [layers.batchNormalization(), layers.reLU()];
      await agrees(chain([8, 8, 3],
        layers.conv2d({ filters: depth, kernelSize: 3, padding: 'same' }), ...norm(), layers.depthwiseConv2d({ kernelSize: 3, padding: 'same' }), ...norm(),
        layers.conv2d({ filters: 16, kernelSize: 3, padding: 'same' }), ...norm(), layers.depthwiseConv2d({ kernelSize: 3, strides: 2 }), ...norm(),
        layers.maxPooling2d({ poolSize: 2, strides: 1 }), layers.conv2d({ filters: depth, kernelSize: 1 }), ...norm(), layers.conv2d({ filters: 2 * depth, kernelSize: 2 }), layers.globalAveragePooling2d({})), batchNorm, 4);
    }
  });

  it.each([8, 9, 15, 16, 17, 31])('on %d images, which are taken for channels', async (batch) => {
    await agrees(chain([9, 8, 3], layers.conv2d({ filters: 16, kernelSize: 3, strides: 2, padding: 'same', activation: 'relu6' }), layers.depthwiseConv2d({ kernelSize: 3 }), layers.conv2d({ filters: 3, kernelSize: 1 })), 'frozen', batch);
  });

  it('batch-norm on many places, where convolutions take the moving mean off', async () => {
    expect(isWorthLowering({ shape: [null, 56, 48, 8] }, new Tape({ batch: 2, block: 8 }))).toBe(true);
    for (const depth of [8, 12]) {
      const convolution = (filters: number) => layers.conv2d({ filters, kernelSize: 3, padding: 'same', useBias: false });
      const model = chain([56, 48, 3], convolution(depth), layers.batchNormalization(), layers.reLU({ maxValue: 6 }), convolution(2 * depth), layers.batchNormalization());
      randomWeights(model);
      // The moving means are those of the batch from here on, as they nearly are where a network goes on training.
      await engineStep(model, { batchNorm: 'train', batchNormMomentum: 0 });
      const found = await engineStep(model, { batchNorm: 'train' });
      const [worst, where] = stepDifference(found, layersStep(model, { batchNorm: 'train' }, Object.keys(found.gradients)));
      if (!(worst < 1e-4)) throw new Error(`${worst} at ${where}`);
      model.dispose();
    }
  });

  it('dilated', async () => {
    const model = chain([11, 10, 8], layers.conv2d({ filters: 16, kernelSize: 3, dilationRate: 2, padding: 'same' }), layers.depthwiseConv2d({ kernelSize: 3, dilationRate: 2, padding: 'same' }), layers.conv2d({ filters: 8, kernelSize: 3, dilationRate: 2 }));
    expect(await numericalDifference(model)).toBeLessThan(1e-2);
    model.dispose();
  });

  it.each(['frozen', 'train'] as const)('an inverted residual block, batch-norm %s', async (batchNorm) => {
    for (const depth of [8, 12, 6]) {
      const input = tfl.input({ shape: [9, 9, 3] });
      const norm = (x: tfl.SymbolicTensor, rectified: boolean) => {
        const y = put(layers.batchNormalization(), x);
        return rectified ? put(layers.reLU({ maxValue: 6 }), y) : y;
      };
      let x = norm(put(layers.conv2d({ filters: depth, kernelSize: 3, strides: 2, padding: 'same', useBias: false }), input), true);
      const start = x;
      x = norm(put(layers.conv2d({ filters: depth * 4, kernelSize: 1, useBias: false }), x), true);
      x = norm(put(layers.depthwiseConv2d({ kernelSize: 3, padding: 'same', useBias: false }), x), true);
      x = norm(put(layers.conv2d({ filters: depth, kernelSize: 1, useBias: false }), x), false);
      x = put(layers.add(), start, x);
      x = norm(put(layers.depthwiseConv2d({ kernelSize: 3, strides: 2, padding: 'valid', useBias: false }), put(layers.zeroPadding2d({ padding: [[0, 1], [0, 1]] }), x)), true);
      await agrees(tfl.model({ inputs: input, outputs: x }), batchNorm);
    }
  });

  it('a batch in several groups, the last filled up', async () => {
    // What makes the groups is the largest tensor: that is the images, which cost tfjs itself little under a long stride.
    expect(groupsOf(7, 1700 * 1700 * 2)).toEqual({ size: 3, count: 3 });
    const dense = (filters: number) => layers.conv2d({ filters, kernelSize: 1 });
    await agrees(chain([1700, 1700, 2], layers.depthwiseConv2d({ kernelSize: 3, strides: 85 }), dense(16), layers.depthwiseConv2d({ kernelSize: 3, strides: 2 }), dense(8)), 'frozen', 7);
  });
});
