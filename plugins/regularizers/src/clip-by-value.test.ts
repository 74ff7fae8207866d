import '../../../test/conformance/backend.js';
import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { distance, golden, instance } from '../../../test/conformance/instance.js';
import { ClipByValue } from './clip-by-value.js';

interface Golden {
  gradients: Record<string, number[]>;
  cases: { name: string; limit: number; clipped: Record<string, number[]> }[];
}
const { gradients, cases } = golden<Golden>('clipping');

describe('clip-by-value', () => {
  it.each(cases.filter(({ name }) => name === 'clip-by-value'))('gives what PyTorch gives: $limit', ({ limit, clipped }) => {
    tf.tidy(() => {
      const given = Object.fromEntries(Object.entries(gradients).map(([weight, values]) => [weight, tf.tensor1d(values)]));
      const found = instance(ClipByValue, { limit }).gradients(given);
      // Single precision against double.
      for (const [weight, values] of Object.entries(clipped)) expect(distance(found[weight]!.dataSync(), values)).toBeLessThan(1e-6);
    });
  });

  it('leaves gradients of zero at zero', () => {
    tf.tidy(() => expect([...instance(ClipByValue).gradients({ w: tf.zeros([2]) })['w']!.dataSync()]).toEqual([0, 0]));
  });
});
