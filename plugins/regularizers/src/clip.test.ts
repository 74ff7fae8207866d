import '../../../test/conformance/backend.js';
import { describe, expect, it } from '@jest/globals';
import type { Regularizer } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import { distance, golden, instance } from '../../../test/conformance/instance.js';
import { ClipByNorm } from './clip-by-norm.js';
import { ClipByValue } from './clip-by-value.js';

interface Golden {
  gradients: Record<string, number[]>;
  cases: { name: string; limit: number; clipped: Record<string, number[]> }[];
}
const { gradients, cases } = golden<Golden>('clipping');
const contributions: Record<string, new () => Regularizer> = { 'clip-by-norm': ClipByNorm, 'clip-by-value': ClipByValue };

describe('gradient clipping', () => {
  it.each(cases)('gives what PyTorch gives: $name, $limit', ({ name, limit, clipped }) => {
    tf.tidy(() => {
      const given = Object.fromEntries(Object.entries(gradients).map(([weight, values]) => [weight, tf.tensor1d(values)]));
      const found = instance(contributions[name]!, { limit }).gradients!(given);
      // Single precision against double.
      for (const [weight, values] of Object.entries(clipped)) expect(distance(found[weight]!.dataSync(), values)).toBeLessThan(1e-6);
    });
  });

  it('leaves gradients of zero at zero', () => {
    tf.tidy(() => {
      for (const Clip of [ClipByNorm, ClipByValue]) expect([...instance(Clip).gradients({ w: tf.zeros([2]) })['w']!.dataSync()]).toEqual([0, 0]);
    });
  });
});
