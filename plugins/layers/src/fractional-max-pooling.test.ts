import '../../../test/conformance/backend.js';
import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { distance, golden } from '../../../test/conformance/instance.js';
import { gradientError } from '../../../test/conformance/numeric-gradient.js';
import { FractionalMaxPooling, fractionalMaxPool, regionStarts } from './fractional-max-pooling.js';

interface Golden {
  shape: [number, number, number, number];
  x: number[];
  upstream: number[];
  pools: { size: number; output: [number, number]; sample: [number, number]; values: number[]; inputGradient: number[] }[];
}
const record = golden<Golden>('layers');
const [, height, width] = record.shape;
const x = () => tf.tensor4d(record.x, record.shape);

describe('fractional max pooling', () => {
  it.each(record.pools)('is PyTorch, forward and backward: regions of $size, to $output', ({ size, output, sample, values, inputGradient }) => {
    tf.tidy(() => {
      const pool = (at: tf.Tensor) => fractionalMaxPool(at as tf.Tensor4D, size, regionStarts(height, output[0], size, sample[0]), regionStarts(width, output[1], size, sample[1]));
      expect(distance(pool(x()).dataSync(), values)).toBeLessThan(1e-6);
      const upstream = tf.slice(tf.tensor4d(record.upstream, record.shape), [0, 0, 0, 0], [-1, output[0], output[1], -1]);
      const gradient = tf.grad((at: tf.Tensor) => tf.sum(tf.mul(pool(at), upstream)))(x());
      expect(distance(gradient.dataSync(), inputGradient)).toBeLessThan(1e-5);
      expect(gradientError(pool, x(), upstream, { step: 1e-3 })).toBeLessThan(0.01);
    });
  });

  it('covers the side from end to end, each step one of two neighbours', () => {
    for (let draw = 0; draw < 1; draw += 0.07) {
      const starts = regionStarts(30, 21, 2, draw);
      expect([starts[0], starts.at(-1)]).toEqual([0, 28]);
      expect(new Set(starts.slice(1).map((start, index) => start - starts[index]!))).toEqual(new Set([1, 2]));
    }
  });

  it('shrinks by its ratio, in the middle of its range at inference', () => {
    const layer = new FractionalMaxPooling({ ratio: 0.7 });
    tf.tidy(() => {
      const input = tf.randomNormal([2, 20, 13, 3], 0, 1, 'float32', 2);
      const drawn = Array.from({ length: 8 }, () => layer.apply(input, { training: true }) as tf.Tensor);
      expect(drawn[0]!.shape).toEqual([2, 14, 9, 3]);
      expect(layer.computeOutputShape([null, 20, 13, 3])).toEqual([null, 14, 9, 3]);
      expect(new Set(drawn.map((one) => [...one.dataSync()].join())).size).toBeGreaterThan(3);
      expect(distance((layer.apply(input) as tf.Tensor).dataSync(), (layer.apply(input) as tf.Tensor).dataSync())).toBe(0);
    });
  });
});
