import { describe, expect, it } from '@jest/globals';
import '@tensorflow/tfjs-backend-cpu';
import { lower } from '../lowering/lower.js';
import { chain, largestDifference, layers } from '../testing/agreement.js';

describe('reshape', () => {
  it.each([[[24]], [[6, 4]], [[4, 2, 3]], [[-1, 3]], [[2, 2, 2, 3]], [[1, 1, 24]]])('an image to %j', async (targetShape) => {
    expect(await largestDifference(chain([4, 2, 3], layers.reshape({ targetShape })))).toBeLessThan(1e-6);
  });
  it('a row to an image', async () => {
    expect(await largestDifference(chain([24], layers.reshape({ targetShape: [4, 2, 3] }), layers.conv2d({ filters: 2, kernelSize: 2 })))).toBeLessThan(1e-5);
  });
  it('flatten before a dense layer', async () => {
    expect(await largestDifference(chain([4, 2, 3], layers.flatten(), layers.dense({ units: 3 })))).toBeLessThan(1e-5);
  });
  it('moves nothing where it need not', () => {
    const model = chain([4], layers.reshape({ targetShape: [1, 1, 4] }), layers.conv2d({ filters: 3, kernelSize: 1 }), layers.flatten());
    expect(lower(model).nodes.map(({ operator }) => operator)).not.toContain('Transpose');
  });
  it('permute', async () => {
    expect(await largestDifference(chain([4, 2, 3], layers.permute({ dims: [3, 1, 2] })))).toBeLessThan(1e-6);
  });
});
