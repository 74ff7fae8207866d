import '../../../test/conformance/backend.js';
import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { distance, golden, instance } from '../../../test/conformance/instance.js';
import { MaxNorm } from './max-norm.js';

const { renorm } = golden<{ renorm: Record<'dense' | 'denseRenormed' | 'filters' | 'filtersRenormed' | 'depthwiseRenormed', number[]> & { limit: number } }>('layers');

describe('max-norm', () => {
  it.each([
    ['a dense kernel', 'head/kernel', [5, 4], renorm.dense, renorm.denseRenormed], ['a convolution', 'stem/kernel', [3, 3, 2, 4], renorm.filters, renorm.filtersRenormed],
    ['a depthwise convolution', 'deep/depthwise_kernel', [3, 3, 2, 4], renorm.filters, renorm.depthwiseRenormed],
  ])('shortens the weights of each unit as torch.renorm does: %s', (_what, name, shape, before, after) => {
    const found = tf.tidy(() => instance(MaxNorm, { limit: renorm.limit }).project(tf.tensor(before, shape), name).dataSync());
    expect(distance(found, after)).toBeLessThan(1e-6);
    expect(distance(found, before)).toBeGreaterThan(0.01);
  });
});
