import { describe, expect, it } from '@jest/globals';
import '@tensorflow/tfjs-backend-cpu';
import { chain, largestDifference, layers } from '../testing/agreement.js';

const scale = () => layers.rescaling({ scale: 1 / 127.5, offset: -1 });

describe('rescaling', () => {
  it('by itself, before a convolution, in a row', async () => {
    expect(await largestDifference(chain([4, 4, 3], scale()))).toBeLessThan(1e-6);
    for (const padding of ['same', 'valid'] as const) {
      expect(await largestDifference(chain([4, 4, 3], scale(), layers.rescaling({ scale: 3, offset: 2 }), layers.conv2d({ filters: 4, kernelSize: 3, padding })))).toBeLessThan(1e-5);
      expect(await largestDifference(chain([4, 4, 3], scale(), layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, padding })))).toBeLessThan(1e-5);
    }
  });
  it('by nothing at all', async () => {
    expect(await largestDifference(chain([4, 4, 3], layers.rescaling({ scale: 0, offset: 1 }), layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same' })))).toBeLessThan(1e-5);
  });
});
