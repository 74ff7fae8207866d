import { createRandom } from '@cultivar/kernel';
import type { Augmentation, LabelledBatch } from '@cultivar/sdk';
import { expect } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { distance } from './instance.js';
import { drawn, numbers, withoutLeak, type Checks } from './subject.js';

const shapes: [number, number, number, number][] = [[4, 10, 8, 3], [1, 9, 9, 3], [3, 1, 1, 3]];
const classes = 3;

function batchOf(shape: [number, number, number, number]): LabelledBatch {
  const size = shape.reduce((product, length) => product * length, 1);
  const labels = Array.from({ length: shape[0] }, (_, index) => index % classes);
  return {
    images: tf.tensor4d(drawn(size).map((value) => (value + 1) / 2), shape),
    targets: tf.cast(tf.oneHot(tf.tensor1d(labels, 'int32'), classes), 'float32') as tf.Tensor2D,
  };
}

/** Applies it to a fresh batch `rounds` times, and checks what must hold each time. */
function applied(augmentation: Augmentation, shape: [number, number, number, number], seed: number, rounds = 5): { images: number[]; targets: number[] }[] {
  const random = createRandom(seed);
  tf.tidy(() => augmentation.prepare?.(batchOf([4, 6, 5, 3]).images));
  return Array.from({ length: rounds }, () => {
    const batch = tf.tidy(() => batchOf(shape));
    const [images, targets] = [numbers(batch.images), numbers(batch.targets)];
    const result = tf.tidy(() => {
      const changed = augmentation.apply(batch, random);
      expect(changed.images.shape).toEqual(batch.images.shape);
      expect(changed.targets.shape).toEqual(batch.targets.shape);
      return { images: numbers(changed.images), targets: numbers(changed.targets) };
    });
    expect(batch.images.isDisposed || batch.targets.isDisposed).toBe(false);
    expect(numbers(batch.images)).toEqual(images);
    expect(numbers(batch.targets)).toEqual(targets);
    tf.dispose(batch);
    return result;
  });
}

export const augmentationChecks: Checks<Augmentation> = {
  'prepare: measures the images that it is given, and leaves them as they were': ({ make }) => withoutLeak(() => {
    const augmentation = make();
    if (!augmentation.prepare) return;
    const results = [[4, 6, 5, 3], [2, 3, 3, 3]].map((shape) => {
      const { images, targets } = tf.tidy(() => batchOf(shape as [number, number, number, number]));
      const before = numbers(images);
      tf.tidy(() => augmentation.prepare!(images));
      expect(images.isDisposed).toBe(false);
      expect(numbers(images)).toEqual(before);
      tf.dispose([images, targets]);
      return tf.tidy(() => numbers(augmentation.apply(batchOf(shapes[0]!), createRandom(1)).images));
    });
    expect(results[0]).not.toEqual(results[1]);
  }),
  'keeps shapes and ranges, and leaves its input as it was': ({ make }) => withoutLeak(() => {
    for (const shape of shapes) {
      for (const { images, targets } of applied(make(), shape, 3)) {
        expect(Math.min(...images)).toBeGreaterThanOrEqual(0);
        expect(Math.max(...images)).toBeLessThanOrEqual(1 + 1e-6);
        expect(Math.min(...targets)).toBeGreaterThanOrEqual(0);
        for (let row = 0; row < shape[0]; row += 1) {
          expect(targets.slice(row * classes, (row + 1) * classes).reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
        }
      }
    }
  }),
  'draws from the generator that it is given, and from no other': ({ make }) => {
    const [shape] = shapes;
    const once = applied(make(), shape!, 1);
    expect(applied(make(), shape!, 1)).toEqual(once);
    expect(applied(make(), shape!, 2)).not.toEqual(once);
  },
  'computes the same on the wasm backend as on the plain one': async ({ make }) => {
    const [shape] = shapes;
    const here = tf.getBackend();
    const found: number[][] = [];
    for (const backend of ['cpu', 'wasm']) {
      await tf.setBackend(backend);
      found.push(applied(make(), shape!, 1).flatMap(({ images, targets }) => [...images, ...targets]));
    }
    await tf.setBackend(here);
    expect(distance(found[0]!, found[1]!)).toBeLessThan(1e-5);
  },
  'changes something': ({ make }) => {
    const [shape] = shapes;
    const before = tf.tidy(() => numbers(batchOf(shape!).images));
    expect(applied(make(), shape!, 1).some(({ images }) => images.some((value, index) => value !== before[index]))).toBe(true);
  },
};
