import '../../../test/conformance/backend.js';
import { createRandom } from '@cultivar/kernel';
import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { applied, goldenBatch, record } from '../../../test/conformance/batch.js';
import { instance } from '../../../test/conformance/instance.js';
import { Flip } from './flip.js';

describe('flip', () => {
  it.each(['horizontal', 'vertical'] as const)('%s is torchvision, bit for bit', (way) => {
    const { images } = applied(instance(Flip, { horizontal: 0, vertical: 0, [way]: 1 }), createRandom(0));
    expect([...images]).toEqual([...Float32Array.from(record.flip[way])]);
  });

  it('twice is identity', () => {
    const flip = instance(Flip, { horizontal: 1, vertical: 1 });
    tf.tidy(() => {
      const batch = goldenBatch();
      const twice = flip.apply(flip.apply(batch, createRandom(0)), createRandom(0));
      expect([...twice.images.dataSync()]).toEqual([...batch.images.dataSync()]);
    });
  });

  it('flips as often as asked, each image by its own draw', () => {
    const flip = instance(Flip, { horizontal: 0.3, vertical: 0.1 });
    const random = createRandom(1);
    const images = tf.tensor4d([0, 1, 2, 3].flatMap((value) => [value, value, value]), [1, 2, 2, 3]);
    const many = tf.tile(images, [10_000, 1, 1, 1]);
    const targets = tf.ones([10_000, 1]) as tf.Tensor2D;
    const corners = tf.tidy(() => tf.slice(flip.apply({ images: many, targets }, random).images, [0, 0, 0, 0], [-1, 1, 1, 1]).dataSync());
    tf.dispose([images, many, targets]);
    const share = (...values: number[]) => corners.filter((value) => values.includes(value)).length / corners.length;
    // Five standard errors.
    expect(Math.abs(share(1, 3) - 0.3)).toBeLessThan(5 * Math.sqrt((0.3 * 0.7) / 10_000));
    expect(Math.abs(share(2, 3) - 0.1)).toBeLessThan(5 * Math.sqrt((0.1 * 0.9) / 10_000));
    expect(Math.abs(share(3) - 0.03)).toBeLessThan(5 * Math.sqrt((0.03 * 0.97) / 10_000));
  });
});
