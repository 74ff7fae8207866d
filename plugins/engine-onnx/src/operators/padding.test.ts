import { describe, expect, it } from '@jest/globals';
import '@tensorflow/tfjs-backend-cpu';
import { lower } from '../lowering/lower.js';
import { chain, largestDifference, layers } from '../testing/agreement.js';

describe('padding', () => {
  it('of one number, of pairs, of each side', async () => {
    for (const padding of [1, [2, 1], [[0, 1], [3, 2]]] as (number | [number, number] | [[number, number], [number, number]])[]) {
      expect(await largestDifference(chain([5, 4, 3], layers.zeroPadding2d({ padding })))).toBeLessThan(1e-6);
    }
  });
  it('is taken up by the convolution behind it, twice over and with its own', async () => {
    const model = chain([7, 6, 3], layers.zeroPadding2d({ padding: [[0, 1], [0, 1]] }), layers.zeroPadding2d({ padding: 1 }), layers.conv2d({ filters: 4, kernelSize: 3, strides: 2, padding: 'same' }));
    expect(lower(model).nodes.map(({ operator }) => operator)).not.toContain('Pad');
    expect(await largestDifference(model)).toBeLessThan(1e-5);
  });
  it('comes after a rescaling, not before', async () => {
    expect(await largestDifference(chain([5, 4, 3], layers.rescaling({ scale: 2, offset: -1 }), layers.zeroPadding2d({ padding: 1 }), layers.conv2d({ filters: 4, kernelSize: 3 })))).toBeLessThan(1e-5);
    expect(await largestDifference(chain([5, 4, 3], layers.zeroPadding2d({ padding: 1 }), layers.rescaling({ scale: 2, offset: -1 }), layers.conv2d({ filters: 4, kernelSize: 3 })))).toBeLessThan(1e-5);
  });
  it('cropping', async () => {
    for (const cropping of [1, [[0, 1], [2, 0]]] as (number | [[number, number], [number, number]])[]) expect(await largestDifference(chain([7, 6, 3], layers.cropping2D({ cropping: cropping as [[number, number], [number, number]] })))).toBeLessThan(1e-6);
  });
});
