import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { NumberRoom, type Optimizer } from '@cultivar/sdk';
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import '../../../../test/conformance/backend.js';
import { unflattened } from './flat-tensor.js';
import { Slots } from './slots.js';
import { WeightUpdates } from './weight-updates.js';

const shapes = [[2, 3], [1], [4]];
const numbers = (from: number): number[] => Array.from({ length: 11 }, (_, index) => from + index);

describe('a flat tensor, cut up', () => {
  it.each(['cpu', 'wasm'])('%s: gives each piece its numbers and shape', async (backend) => {
    await tf.setBackend(backend);
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const flat = tf.tensor1d(numbers(1));
      for (const place of [undefined, { room: new NumberRoom(), name: 'a' }]) {
        const pieces = unflattened(flat, shapes, place);
        expect(pieces.map(({ shape }) => shape)).toEqual(shapes);
        expect(pieces.flatMap((piece) => [...piece.dataSync()])).toEqual(numbers(1));
      }
      expect([...unflattened(flat, [[11, 1]])[0]!.dataSync()]).toEqual(numbers(1));
    });
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('weights on WebAssembly, as an engine reads them', () => {
  let before: string;
  beforeAll(async () => {
    before = tf.getBackend();
    await tf.setBackend('wasm');
  });
  afterAll(() => tf.setBackend(before));

  /** Adds the gradient. */
  const ascent: Optimizer = { update: ({ gradient }) => ({ delta: tf.clone(gradient), slots: {} }) };

  it('are those of now, whatever generation each is of, and nothing is copied for those of the last update', () => {
    const tensors = tf.memory().numTensors;
    const weights = tf.tidy(() => Object.fromEntries(shapes.map((shape, index) => [`layer/${index}`, tf.variable(tf.zeros(shape))])));
    const slots = new Slots();
    const updates = new WeightUpdates({ weights, slots, optimizer: ascent, share: () => 1 });
    const engine = new NumberRoom();
    const read = (): Float32Array[] => Object.entries(weights).map(([name, weight]) => engine.read(name, weight as tf.Tensor));
    const found = (): number[][] => read().map((values) => [...values]);
    const held = (): number[][] => Object.values(weights).map((weight) => [...weight.dataSync()]);
    const add = (amount: number): void => {
      const gradients = tf.tidy(() => Object.fromEntries(Object.entries(weights).map(([name, { shape }], index) => [name, tf.fill(shape, amount * (index + 1))])));
      updates.take(gradients, 1, 1);
      tf.dispose(gradients);
    };
    expect(found()).toEqual(held());
    add(1);
    const first = read();
    // Where they stand, one behind the other.
    expect(new Set(first.map(({ buffer }) => buffer)).size).toBe(1);
    expect(first.map(({ byteOffset }) => byteOffset)).toEqual([0, 24, 28]);
    expect(found()).toEqual([Array(6).fill(1), [2], Array(4).fill(3)]);

    // One goes back to what it was two updates ago, the very data, and one is given other numbers.
    const [kept, , other] = Object.values(weights) as [tf.Variable, tf.Variable, tf.Variable];
    const older = tf.reshape(kept, [2, 3]);
    add(10);
    add(100);
    expect(found()).toEqual([Array(6).fill(111), [222], Array(4).fill(333)]);
    kept.assign(older);
    tf.tidy(() => other.assign(tf.tensor1d([1, 2, 3, 4])));
    expect(found()).toEqual([Array(6).fill(1), [222], [1, 2, 3, 4]]);
    expect(found()).toEqual(held());
    add(1000);
    expect(found()).toEqual([Array(6).fill(1001), [2222], [3001, 3002, 3003, 3004]]);
    expect(found()).toEqual(held());
    tf.dispose([older, ...Object.values(weights)]);
    updates.dispose();
    slots.dispose();
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it('do not take the place of each other where several groups move', () => {
    const weights = tf.tidy(() => Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [name, tf.variable(tf.zeros([3]))])));
    const slots = new Slots();
    const updates = new WeightUpdates({ weights, slots, optimizer: { update: ({ gradient, learningRate }) => ({ delta: tf.mul(gradient, learningRate), slots: {} }) }, share: (name) => (name < 'c' ? 1 : 2) });
    const engine = new NumberRoom();
    const gradients = tf.tidy(() => Object.fromEntries(Object.keys(weights).map((name) => [name, tf.ones([3])])));
    for (const step of [1, 2]) {
      updates.take(gradients, step, 1);
      const read = Object.entries(weights).map(([name, weight]) => engine.read(name, weight as tf.Tensor));
      expect(read.map((values) => [...values])).toEqual([step, step, 2 * step, 2 * step].map((value) => Array(3).fill(value)));
      expect(new Set(read.map(({ buffer }) => buffer)).size).toBe(2);
    }
    tf.dispose([...Object.values(gradients), ...Object.values(weights)]);
    updates.dispose();
    slots.dispose();
  });
});
