import { describe, expect, it } from '@jest/globals';
import '@tensorflow/tfjs-backend-cpu';
import { chain, largestDifference, layers } from '../testing/agreement.js';

const windows = [1, 2, 3, 5].flatMap((kernelSize) => [1, 2].flatMap((strides) => (['same', 'valid'] as const).map((padding) => ({ kernelSize, strides, padding }))));

describe('convolution', () => {
  it.each(windows)('conv2d $kernelSize/$strides $padding', async (window) => {
    expect(await largestDifference(chain([9, 8, 3], layers.conv2d({ filters: 5, ...window, useBias: true })))).toBeLessThan(1e-5);
  });
  it.each(windows)('depthwiseConv2d $kernelSize/$strides $padding, two filters a channel', async (window) => {
    expect(await largestDifference(chain([9, 8, 3], layers.depthwiseConv2d({ depthMultiplier: 2, ...window })))).toBeLessThan(1e-5);
  });
  it.each(windows)('separableConv2d $kernelSize/$strides $padding', async (window) => {
    expect(await largestDifference(chain([9, 8, 3], layers.separableConv2d({ filters: 4, depthMultiplier: 2, activation: 'relu', ...window })))).toBeLessThan(1e-5);
  });
  it('dilation', async () => {
    expect(await largestDifference(chain([9, 8, 3], layers.conv2d({ filters: 5, kernelSize: 3, dilationRate: 2, padding: 'same' })))).toBeLessThan(1e-5);
  });
  it('an input whose size is open', async () => {
    for (const open of [7, 10]) {
      const model = chain([null, null, 3], layers.conv2d({ filters: 5, kernelSize: 3, strides: 2, padding: 'same' }));
      expect(await largestDifference(model, { open })).toBeLessThan(1e-5);
      const padded = chain([null, null, 3], layers.zeroPadding2d({ padding: [[0, 1], [2, 1]] }), layers.conv2d({ filters: 5, kernelSize: 3, strides: 2, padding: 'same' }));
      expect(await largestDifference(padded, { open })).toBeLessThan(1e-5);
    }
  });
  it('names the layer whose data format it does not know', async () => {
    const layer = layers.conv2d({ name: 'first', filters: 2, kernelSize: 1, dataFormat: 'channelsFirst' });
    await expect(largestDifference(chain([3, 9, 8], layer))).rejects.toThrow(/layer first \(Conv2D\).*channelsFirst/);
  });
});
