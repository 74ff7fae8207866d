import { describe, expect, it } from '@jest/globals';
import '@tensorflow/tfjs-backend-cpu';
import { chain, largestDifference, layers } from '../testing/agreement.js';

describe('upsampling', () => {
  it('repeats pixels', async () => {
    expect(await largestDifference(chain([4, 2, 3], layers.upSampling2d({ size: [2, 3] })))).toBeLessThan(1e-6);
  });
  it('refuses other interpolations', async () => {
    await expect(largestDifference(chain([4, 2, 3], layers.upSampling2d({ interpolation: 'bilinear', name: 'up' })))).rejects.toThrow(/layer up \(UpSampling2D\)/);
  });
});
