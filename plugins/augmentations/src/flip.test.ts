import '../../../test/conformance/backend.js';
import { createRandom } from '@cultivar/kernel';
import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { applied, goldenBatch, record } from '../../../test/conformance/batch.js';
import { draws, tolerance } from '../../../test/conformance/distribution.js';
import { instance } from '../../../test/conformance/instance.js';
import { changed } from '../../../test/conformance/operations.js';
import { Flip } from './flip.js';

describe('flip', () => {
  it('turns the shares of the images that it is told', () => {
    // Red above, green on the left, of images of two by two.
    const image = [1, 1, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0];
    const { images } = changed(instance(Flip, { horizontal: 0.5, vertical: 0.2 }), createRandom(4), { images: Array.from({ length: draws }, () => image).flat(), shape: [draws, 2, 2, 3] });
    const share = (channel: number) => Array.from({ length: draws }, (_, index) => images[index * 12 + channel]!).filter((value) => value === 0).length / draws;
    expect(Math.abs(share(0) - 0.2)).toBeLessThan(tolerance(0.4));
    expect(Math.abs(share(1) - 0.5)).toBeLessThan(tolerance(0.5));
  });

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
