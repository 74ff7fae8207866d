import type { Optimizer } from '@cultivar/sdk';
import { expect } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { drawn, numbers, withoutLeak, type Checks } from './subject.js';

type Slots = Record<string, number[]>;

/** Steps down w^2 / 2 from `start`; slots go through plain numbers on the way, as they do in a checkpoint. */
function descend(optimizer: Optimizer, shape: number[], start: number[], steps: number, from: { step: number; slots: Slots } = { step: 0, slots: {} }) {
  let weights = start;
  let { slots } = from;
  for (let step = from.step + 1; step <= from.step + steps; step += 1) {
    tf.tidy(() => {
      const parameter = tf.tensor(weights, shape);
      const gradient = tf.tensor(weights, shape);
      const kept = Object.fromEntries(Object.entries(slots).map(([name, values]) => [name, values.length === 1 && start.length > 1 ? tf.scalar(values[0]!) : tf.tensor(values, shape)]));
      const update = optimizer.update({ gradient, slots: kept, step, learningRate: 0.01, parameter });
      expect(update.delta.shape).toEqual(shape);
      for (const slot of Object.values(update.slots)) expect([JSON.stringify(shape), '[]']).toContain(JSON.stringify(slot.shape));
      expect(numbers(parameter)).toEqual([...Float32Array.from(weights)]);
      expect(numbers(gradient)).toEqual([...Float32Array.from(weights)]);
      for (const [name, values] of Object.entries(slots)) expect(numbers(kept[name]!)).toEqual(values);
      weights = numbers(tf.add(parameter, update.delta));
      slots = Object.fromEntries(Object.entries(update.slots).map(([name, slot]) => [name, numbers(slot)]));
    });
  }
  return { weights, slots };
}

export const optimizerChecks: Checks<Optimizer> = {
  'goes downhill, keeps shapes, leaves its inputs as they were': ({ make }) => withoutLeak(() => {
    const start = drawn(6);
    const { weights } = descend(make(), [2, 3], start, 50);
    weights.forEach((weight, index) => expect(Math.abs(weight)).toBeLessThan(Math.abs(start[index]!)));
  }),
  'hands out tensors that outlive its inputs': ({ make }) => withoutLeak(() => {
    const gradient = tf.tensor1d([1, 2]);
    const parameter = tf.tensor1d([3, 4]);
    const update = tf.tidy(() => make().update({ gradient, slots: {}, step: 1, learningRate: 0.1, parameter }));
    tf.dispose([gradient, parameter]);
    for (const tensor of [update.delta, ...Object.values(update.slots)]) expect(numbers(tensor).every(Number.isFinite)).toBe(true);
    tf.dispose([update.delta, update.slots]);
  }),
  'keeps nothing but its slots: another instance goes on where one stopped': ({ make }) => {
    const start = drawn(4);
    const whole = descend(make(), [4], start, 20);
    const half = descend(make(), [4], start, 10);
    expect(descend(make(), [4], half.weights, 10, { step: 10, slots: half.slots })).toEqual(whole);
  },
  'evaluated: of the shape of the weight, finite, and nothing that it is given changes': ({ make }) => withoutLeak(() => {
    const optimizer = make();
    if (!optimizer.evaluated) return;
    const { weights, slots } = descend(optimizer, [2, 3], drawn(6), 20);
    tf.tidy(() => {
      const parameter = tf.tensor(weights, [2, 3]);
      const kept = Object.fromEntries(Object.entries(slots).map(([name, values]) => [name, values.length === 1 ? tf.scalar(values[0]!) : tf.tensor(values, [2, 3])]));
      const own = optimizer.evaluated!({ parameter, slots: kept, step: 20 });
      expect(own.shape).toEqual([2, 3]);
      expect(numbers(own).every(Number.isFinite)).toBe(true);
      expect(numbers(own)).toEqual(numbers(make().evaluated!({ parameter, slots: kept, step: 20 })));
      expect(numbers(parameter)).toEqual(weights);
      for (const [name, values] of Object.entries(slots)) expect(numbers(kept[name]!)).toEqual(values);
    });
  }),
  'takes many weights as one flat tensor, if it says so': ({ make }) => {
    if (make().elementwise === false) return;
    const [one, other] = [drawn(6), drawn(4, 9)];
    const apart = [...descend(make(), [2, 3], one, 10).weights, ...descend(make(), [4], other, 10).weights];
    expect(descend(make(), [10], [...one, ...other], 10).weights).toEqual(apart);
  },
};
