import { describe, expect, it } from '@jest/globals';
import '@tensorflow/tfjs-backend-cpu';
import { lower } from '../lowering/lower.js';
import { chain, largestDifference, layers } from '../testing/agreement.js';

describe('identity', () => {
  it('noise layers do nothing and leave nothing', async () => {
    const model = chain([5], layers.dropout({ rate: 0.5 }), layers.gaussianNoise({ stddev: 1 }), layers.gaussianDropout({ rate: 0.5 }), layers.alphaDropout({ rate: 0.5 }));
    expect(lower(model).nodes).toHaveLength(1);
    expect(await largestDifference(model)).toBe(0);
  });
});
