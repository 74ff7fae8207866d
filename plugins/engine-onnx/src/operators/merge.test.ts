import { describe, expect, it } from '@jest/globals';
import '@tensorflow/tfjs-backend-cpu';
import * as tfl from '@tensorflow/tfjs-layers';
import { largestDifference, layers } from '../testing/agreement.js';

/** `join` of three branches of one input. */
function branches(join: tfl.layers.Layer, sizes = [4, 4, 4]): tfl.LayersModel {
  const input = tfl.input({ shape: [5, 4, 3] });
  const outputs = sizes.map((filters) => layers.conv2d({ filters, kernelSize: 1 }).apply(input) as tfl.SymbolicTensor);
  return tfl.model({ inputs: input, outputs: join.apply(outputs) as tfl.SymbolicTensor });
}

describe('merge', () => {
  it('element by element', async () => {
    for (const join of [layers.add(), layers.multiply(), layers.average(), layers.maximum(), layers.minimum()]) expect(await largestDifference(branches(join))).toBeLessThan(1e-5);
  });
  it.each([-1, 1, 2, 3])('concatenate along axis %i', async (axis) => {
    expect(await largestDifference(branches(layers.concatenate({ axis })))).toBeLessThan(1e-5);
  });
  it('concatenate of different depths', async () => {
    expect(await largestDifference(branches(layers.concatenate(), [2, 5, 1]))).toBeLessThan(1e-5);
  });
  it('gates for each channel (squeeze and excitation)', async () => {
    const input = tfl.input({ shape: [5, 4, 6] });
    const pooled = layers.globalAveragePooling2d({}).apply(input) as tfl.SymbolicTensor;
    const flat = layers.dense({ units: 6, activation: 'sigmoid' }).apply(pooled) as tfl.SymbolicTensor;
    const shaped = layers.reshape({ targetShape: [1, 1, 6] }).apply(flat) as tfl.SymbolicTensor;
    expect(await largestDifference(tfl.model({ inputs: input, outputs: layers.multiply().apply([input, shaped]) as tfl.SymbolicTensor }))).toBeLessThan(1e-5);
  });
});
