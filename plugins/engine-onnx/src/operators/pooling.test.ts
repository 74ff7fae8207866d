import { describe, expect, it } from '@jest/globals';
import '@tensorflow/tfjs-backend-cpu';
import { chain, largestDifference, layers } from '../testing/agreement.js';

const windows = [2, 3].flatMap((poolSize) => [1, 2].flatMap((strides) => (['same', 'valid'] as const).map((padding) => ({ poolSize, strides, padding }))));

describe('pooling', () => {
  it.each(windows)('$poolSize/$strides $padding', async (window) => {
    for (const layer of [layers.maxPooling2d, layers.averagePooling2d]) expect(await largestDifference(chain([9, 8, 3], layer(window)))).toBeLessThan(1e-6);
  });
  it('strides default to the size of the window', async () => {
    expect(await largestDifference(chain([9, 8, 3], layers.maxPooling2d({ poolSize: [3, 2] })))).toBeLessThan(1e-6);
  });
  it('counts padding written as a layer', async () => {
    for (const layer of [layers.maxPooling2d, layers.averagePooling2d]) {
      expect(await largestDifference(chain([7, 7, 3], layers.zeroPadding2d({ padding: 1 }), layer({ poolSize: 3, strides: 2 })))).toBeLessThan(1e-6);
      // Windows of a single number, which may be negative: the padding is larger.
      expect(await largestDifference(chain([7, 7, 3], layers.zeroPadding2d({ padding: 1 }), layer({ poolSize: 2, strides: 1 })))).toBeLessThan(1e-6);
    }
  });
  it('global', async () => {
    for (const layer of [layers.globalAveragePooling2d({}), layers.globalMaxPooling2d({})]) expect(await largestDifference(chain([9, 8, 3], layer))).toBeLessThan(1e-6);
  });
});
