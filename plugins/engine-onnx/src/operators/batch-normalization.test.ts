import { describe, expect, it } from '@jest/globals';
import '@tensorflow/tfjs-backend-cpu';
import * as tfl from '@tensorflow/tfjs-layers';
import { lower } from '../lowering/lower.js';
import { chain, largestDifference, layers } from '../testing/agreement.js';

const operators = (model: tfl.LayersModel) => lower(model).nodes.map(({ operator }) => operator);

describe('batch normalisation', () => {
  it('is folded into a convolution, a depthwise one and a dense layer', async () => {
    const model = chain([6, 6, 3],
      layers.conv2d({ filters: 4, kernelSize: 3, useBias: false }), layers.batchNormalization(), layers.reLU(),
      layers.depthwiseConv2d({ kernelSize: 3 }), layers.batchNormalization({ epsilon: 1e-5 }), layers.globalAveragePooling2d({}),
      layers.dense({ units: 3 }), layers.batchNormalization({ scale: false }));
    expect(operators(model)).not.toContain('BatchNormalization');
    expect(await largestDifference(model)).toBeLessThan(1e-5);
  });
  it('stands by itself where others read the convolution too, and where there is none', async () => {
    const input = tfl.input({ shape: [6, 6, 3] });
    const convolved = layers.conv2d({ filters: 4, kernelSize: 3 }).apply(input) as tfl.SymbolicTensor;
    const dropped = layers.dropout({ rate: 0.5 }).apply(convolved) as tfl.SymbolicTensor;
    const normalised = layers.batchNormalization({ center: false }).apply(dropped) as tfl.SymbolicTensor;
    const model = tfl.model({ inputs: input, outputs: layers.add().apply([convolved, normalised]) as tfl.SymbolicTensor });
    expect(operators(model)).toContain('BatchNormalization');
    expect(await largestDifference(model)).toBeLessThan(1e-5);
    expect(await largestDifference(chain([6, 6, 3], layers.batchNormalization(), layers.maxPooling2d({ poolSize: 2 })))).toBeLessThan(1e-5);
    expect(await largestDifference(chain([5], layers.batchNormalization()))).toBeLessThan(1e-5);
  });
  it('joins a rescaling before it', async () => {
    const model = chain([6, 6, 3], layers.rescaling({ scale: 2, offset: -1 }), layers.batchNormalization(), layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same' }));
    expect(operators(model)).not.toContain('BatchNormalization');
    expect(await largestDifference(model)).toBeLessThan(1e-5);
  });
});
