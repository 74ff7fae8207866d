import '../../../test/conformance/backend.js';
import { describe, expect, it } from '@jest/globals';
import { instance } from '../../../test/conformance/instance.js';
import { Constant } from './constant.js';

describe('constant', () => {
  it('is the value everywhere', () => {
    const weights = instance(Constant, { value: 0.25 }).create([2, 3]);
    expect(weights.shape).toEqual([2, 3]);
    expect([...weights.dataSync()]).toEqual([0.25, 0.25, 0.25, 0.25, 0.25, 0.25]);
    weights.dispose();
  });
});
