import '../../../test/conformance/backend.js';
import { describe, expect, it } from '@jest/globals';
import { Zeros } from './zeros.js';

describe('zeros', () => {
  it('are zero', () => {
    const weights = new Zeros().create([2, 3]);
    expect(weights.shape).toEqual([2, 3]);
    expect([...weights.dataSync()]).toEqual([0, 0, 0, 0, 0, 0]);
    weights.dispose();
  });
});
