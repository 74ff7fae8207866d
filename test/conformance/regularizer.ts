import { createRandom } from '@cultivar/kernel';
import type { EpochRecord, Regularizer } from '@cultivar/sdk';
import { expect } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { drawn, numbers, withoutLeak, type Checks } from './subject.js';

const history = (losses: number[]): EpochRecord[] => losses.map((validationLoss, index) =>
  ({ phase: 'head', epoch: index + 1, loss: validationLoss, validationLoss, validationAccuracy: 0.5, learningRate: 0.1, seconds: 1 }));

/** Each check is of one of the methods, and passes where the regularizer does not have it. */
export const regularizerChecks: Checks<Regularizer> = {
  'penalty: zero or more, a scalar, with a finite gradient': ({ make }) => withoutLeak(() => tf.tidy(() => {
    const regularizer = make();
    if (!regularizer.penalty) return;
    for (const shape of [[6], [2, 3], [1, 1, 2, 3]]) {
      const weight = tf.tensor(drawn(6), shape);
      const penalty = regularizer.penalty(weight, 'head/kernel');
      expect(penalty.shape).toEqual([]);
      expect(numbers(penalty)[0]).toBeGreaterThanOrEqual(0);
      const gradient = tf.grad((x: tf.Tensor) => regularizer.penalty!(x, 'head/kernel'))(weight);
      expect(numbers(gradient).every(Number.isFinite)).toBe(true);
      expect(numbers(weight)).toEqual([...Float32Array.from(drawn(6))]);
    }
  })),
  'targets: rows that sum to one, none below zero': ({ make }) => withoutLeak(() => tf.tidy(() => {
    const targets = tf.tensor2d([[1, 0, 0, 0], [0.25, 0.25, 0.25, 0.25], [0, 0.3, 0.7, 0]]);
    const changed = make().targets?.(targets);
    if (!changed) return;
    expect(changed.shape).toEqual([3, 4]);
    expect(Math.min(...numbers(changed))).toBeGreaterThanOrEqual(0);
    for (const sum of numbers(tf.sum(changed, 1))) expect(sum).toBeCloseTo(1, 6);
    expect(numbers(targets).slice(0, 4)).toEqual([1, 0, 0, 0]);
  })),
  'gradients: of the same names and shapes, finite; a gradient of zero stays; nothing given is changed': ({ make }) => withoutLeak(() => tf.tidy(() => {
    const regularizer = make();
    if (!regularizer.gradients) return;
    for (const size of [0, 1e-3, 1, 1e3]) {
      const gradients = { 'layer/kernel': tf.tensor2d(drawn(6).map((value) => size * value), [2, 3]), 'head/bias': tf.tensor1d([size, -size]) };
      const before = numbers(gradients['layer/kernel']);
      const changed = regularizer.gradients(gradients);
      for (const [name, gradient] of Object.entries(changed)) {
        expect(gradient.shape).toEqual(gradients[name as keyof typeof gradients].shape);
        expect(numbers(gradient).every((value) => (size === 0 ? value === 0 : Number.isFinite(value)))).toBe(true);
      }
      expect(numbers(gradients['layer/kernel'])).toEqual(before);
    }
  })),
  'project: keeps the shape, leaves its input, and where it put a weight it leaves it': ({ make }) => withoutLeak(() => tf.tidy(() => {
    const regularizer = make();
    if (!regularizer.project) return;
    for (const shape of [[6, 4], [2, 3, 2, 2]]) {
      for (const size of [0, 1e-3, 1e3]) {
        const weight = tf.tensor(drawn(24).map((value) => size * value), shape);
        const before = numbers(weight);
        const once = regularizer.project(weight, 'head/kernel');
        expect(once.shape).toEqual(shape);
        expect(numbers(weight)).toEqual(before);
        const again = numbers(regularizer.project(once, 'head/kernel'));
        numbers(once).forEach((value, index) => expect(again[index]).toBeCloseTo(value, 5));
      }
    }
  })),
  'noise: of the weight\'s shape, the same for the same seed': ({ make }) => withoutLeak(() => tf.tidy(() => {
    const regularizer = make();
    if (!regularizer.noise) return;
    const weight = tf.tensor2d(drawn(6), [2, 3]);
    const seen = (seed: number) => regularizer.noise!(weight, 'head/kernel', createRandom(seed));
    expect(seen(1).shape).toEqual([2, 3]);
    expect(numbers(seen(1))).toEqual(numbers(seen(1)));
  })),
  'headLayers: keep the shape, are fixed at inference, draw from the generator given, let gradients through': ({ make }) => withoutLeak(() => tf.tidy(() => {
    for (const layer of make().headLayers?.() ?? []) {
      const features = tf.tensor2d(drawn(60), [4, 15]);
      const train = (seed: number) => numbers(layer.apply(features, true, createRandom(seed)));
      const infer = (seed: number) => numbers(layer.apply(features, false, createRandom(seed)));
      expect(layer.apply(features, true, createRandom(1)).shape).toEqual([4, 15]);
      expect(train(1)).toEqual(train(1));
      expect(infer(1)).toEqual(infer(2));
      expect(numbers(features)).toEqual([...Float32Array.from(drawn(60))]);
      const gradient = tf.grad((x: tf.Tensor) => tf.sum(layer.apply(x as tf.Tensor2D, true, createRandom(1))))(features);
      expect(numbers(gradient).every(Number.isFinite)).toBe(true);
    }
  })),
  'branch: keeps the shape and on average the values, draws from the generator given, lets gradients through': ({ make }) => withoutLeak(() => tf.tidy(() => {
    const regularizer = make();
    for (const change of [0, 1, 2].flatMap((block) => regularizer.branch?.(block, 3) ?? [])) {
      const branch = tf.tensor4d(drawn(400 * 8), [400, 2, 2, 2]);
      const seen = (seed: number) => change(branch, createRandom(seed));
      expect(seen(1).shape).toEqual([400, 2, 2, 2]);
      expect(numbers(seen(1))).toEqual(numbers(seen(1)));
      expect(numbers(seen(1))).not.toEqual(numbers(seen(2)));
      const kept = numbers(tf.mean(change(tf.onesLike(branch), createRandom(3))))[0]!;
      expect(Math.abs(kept - 1)).toBeLessThan(0.2);
      const gradient = tf.grad((x: tf.Tensor) => tf.sum(change(x, createRandom(1))))(branch);
      expect(numbers(gradient).every(Number.isFinite)).toBe(true);
      expect(numbers(branch)).toEqual([...Float32Array.from(drawn(400 * 8))]);
    }
  })),
  'epochEnd: goes on while it gets better, gives a reason when it stops, keeps nothing': ({ make }) => {
    const regularizer = make();
    if (!regularizer.epochEnd) return;
    const better = history(Array.from({ length: 60 }, (_, index) => 1 / (index + 1)));
    better.forEach((_record, index) => expect(regularizer.epochEnd!(better.slice(0, index + 1)).stop).toBe(false));
    const worse = history(Array.from({ length: 200 }, (_, index) => 1 + index));
    const answers = worse.map((_record, index) => regularizer.epochEnd!(worse.slice(0, index + 1)));
    for (const { stop, reason } of answers) if (stop) expect(reason).toMatch(/\S/);
    expect(worse.map((_record, index) => make().epochEnd!(worse.slice(0, index + 1)))).toEqual(answers);
  },
};
