import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Adam } from '@cultivar/optimizers';
import type { Optimizer } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import '../../../../test/conformance/backend.js';
import { distance, instance } from '../../../../test/conformance/instance.js';
import { Slots } from './slots.js';
import { WeightUpdates } from './weight-updates.js';

const shapes: Record<string, number[]> = { 'a/kernel': [2, 3], 'a/bias': [3], 'b/kernel': [3, 1, 2], 'c/kernel': [1], 'head/kernel': [2, 2] };
/** The head faster, c not at all. */
const share = (name: string): number => (name.startsWith('head') ? 10 : name.startsWith('c') ? 0 : 1);
const drawn = (shape: number[], seed: number) => tf.randomNormal(shape, 0, 1, 'float32', seed);

let before: number;
let weights: Record<string, tf.Variable>;
const opened: { dispose(): void }[] = [];

beforeEach(() => {
  before = tf.memory().numTensors;
  weights = tf.tidy(() => Object.fromEntries(Object.entries(shapes).map(([name, shape], index) => [name, tf.variable(drawn(shape, index + 1))])));
});
afterEach(() => {
  for (const one of opened.splice(0)) one.dispose();
  tf.dispose(Object.values(weights));
  expect(tf.memory().numTensors).toBe(before);
});

function updates(optimizer: Optimizer, slots = new Slots(), further: { project?: (weight: tf.Tensor, name: string) => tf.Tensor } = {}): { slots: Slots; take: (step: number) => void } {
  const own = new WeightUpdates({ weights, slots, optimizer, share, ...further });
  opened.push(own, slots);
  return {
    slots,
    take: (step) => {
      const gradients = tf.tidy(() => Object.fromEntries(Object.entries(shapes).map(([name, shape], index) => [name, drawn(shape, 100 * step + index)])));
      own.take(gradients, step, 0.01);
      tf.dispose(gradients);
    },
  };
}

const values = (): number[] => Object.values(weights).flatMap((weight) => [...weight.dataSync()]);
const put = (numbers: readonly number[]): void => tf.tidy(() => {
  let at = 0;
  for (const weight of Object.values(weights)) weight.assign(tf.tensor(numbers.slice(at, at += weight.size), weight.shape));
});
const counted = (of: Optimizer, elementwise: boolean): { optimizer: Optimizer; calls: () => number } => {
  let calls = 0;
  return { calls: () => calls, optimizer: { elementwise, update: (step) => { calls += 1; return of.update(step); } } };
};

describe('weights moved together', () => {
  it('move as each by itself, in one call for each rate, and their slots are written down as each by itself', async () => {
    const start = values();
    const results = [];
    for (const elementwise of [true, false]) {
      put(start);
      const { optimizer, calls } = counted(instance(Adam), elementwise);
      const own = updates(optimizer);
      for (let step = 1; step <= 5; step += 1) own.take(step);
      results.push({ calls: calls(), moved: values(), slots: await own.slots.capture() });
    }
    const [together, apart] = results as [(typeof results)[0], (typeof results)[0]];
    expect([together.calls, apart.calls]).toEqual([10, 20]);
    expect(distance(together.moved, apart.moved)).toBeLessThan(1e-6);
    expect(distance(together.moved, start)).toBeGreaterThan(0.01);
    expect(Object.keys(together.slots).sort()).toEqual(Object.keys(apart.slots).sort());
    for (const [name, { data, shape }] of Object.entries(together.slots)) {
      expect(shape).toEqual(apart.slots[name]!.shape);
      expect(distance(data, apart.slots[name]!.data)).toBeLessThan(1e-6);
    }
  });

  it('go on from what was written down to the same numbers', async () => {
    const whole = updates(instance(Adam));
    for (const step of [1, 2]) whole.take(step);
    const [middle, captured] = [values(), await whole.slots.capture()];
    for (const step of [3, 4]) whole.take(step);
    const end = values();
    put(middle);
    const slots = new Slots();
    slots.restore(captured);
    const resumed = updates(instance(Adam), slots);
    for (const step of [3, 4]) resumed.take(step);
    expect(values()).toEqual(end);
  });

  it('leave alone those whose slots are others: one that thaws later begins with nothing', async () => {
    const count: Optimizer = { update: ({ gradient, learningRate, slots: { count: done } }) => ({ delta: tf.mul(gradient, -learningRate), slots: { count: done ? tf.add(done, 1) : tf.scalar(1) } }) };
    const slots = new Slots();
    slots.restore({ 'a/bias|count': { data: Float32Array.of(7), shape: [] } });
    const own = updates(count, slots);
    own.take(1);
    own.take(2);
    const captured = await slots.capture();
    expect(Object.fromEntries(Object.entries(captured).map(([name, { data }]) => [name, data[0]]))).toEqual({ 'a/kernel|count': 2, 'a/bias|count': 9, 'b/kernel|count': 2, 'head/kernel|count': 2 });
  });

  it('see what others have put in their place, and are put back to where they may be', () => {
    const descent: Optimizer = { update: ({ gradient }) => ({ delta: tf.mul(gradient, 0), slots: {} }) };
    const own = updates(descent, new Slots(), { project: (weight, name) => (name === 'b/kernel' ? tf.clipByValue(weight, -0.1, 0.1) : weight) });
    own.take(1);
    const numbers = values().map((_, index) => index + 1);
    put(numbers);
    own.take(2);
    const [from, to] = [9, 15];
    expect(values()).toEqual(numbers.map((value, index) => (index >= from && index < to ? Math.fround(0.1) : value)));
  });
});
