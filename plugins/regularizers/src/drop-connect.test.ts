import '../../../test/conformance/backend.js';
import { createRandom } from '@cultivar/kernel';
import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { moments } from '../../../test/conformance/distribution.js';
import { instance } from '../../../test/conformance/instance.js';
import { DropConnect } from './drop-connect.js';

describe('drop-connect', () => {
  it('drops its share, keeps the mean, and leaves all but the classifier alone unless told', () => {
    tf.tidy(() => {
      const drop = instance(DropConnect, { rate: 0.3 });
      const values = [...drop.noise(tf.ones([10_000]), 'head/kernel', createRandom(3)).dataSync()];
      expect(Math.abs(values.filter((value) => value === 0).length / 10_000 - 0.3)).toBeLessThan(5 * Math.sqrt(0.21 / 10_000));
      expect(Math.abs(moments(values).mean - 1)).toBeLessThan((5 * Math.sqrt(0.3 / 0.7)) / 100);
      const stem = tf.ones([4]);
      expect(drop.noise(stem, 'stem/kernel', createRandom(3))).toBe(stem);
      expect(new Set(instance(DropConnect, { rate: 0.5, where: 'all' }).noise(tf.ones([100]), 'stem/kernel', createRandom(3)).dataSync())).toEqual(new Set([0, 2]));
    });
  });
});
