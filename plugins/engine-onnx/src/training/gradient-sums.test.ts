import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { NumberRoom } from '@cultivar/sdk';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { loadRuntime } from '../runtime.js';
import { GradientSums } from './gradient-sums.js';

const { Tensor } = await loadRuntime();
const result = (...numbers: number[]) => new Tensor('float32', Float32Array.from(numbers), [numbers.length]);

describe.each(['cpu', 'wasm'])('gradients one behind the other, on %s', (backend) => {
  let weights: Record<string, tf.Variable>;
  beforeAll(async () => {
    await tf.setBackend(backend);
    weights = tf.tidy(() => ({ kernel: tf.variable(tf.zeros([2, 2])), unused: tf.variable(tf.zeros([1])), bias: tf.variable(tf.zeros([2])) }));
  });
  afterAll(async () => {
    tf.dispose(Object.values(weights));
    await tf.setBackend('cpu');
  });
  // The runtime's results have an order of their own.
  const results = new Map([['bias', 'db'], ['kernel', 'dk']]);

  it('are summed over groups, in the order of the weights; zero where there is none', () => {
    const before = tf.memory().numTensors;
    const sums = new GradientSums(weights, results);
    for (const step of [1, 2]) {
      sums.withdraw();
      sums.add({ db: result(5 * step, 6), dk: result(1, 2, 3, 4) }, true);
      sums.add({ db: result(50, 60), dk: result(10, 20, 30, 40 * step) }, false);
      const expected = [11, 22, 33, 4 + 40 * step, 0, 50 + 5 * step, 66];
      const { names, values } = sums.joined();
      expect(names).toEqual(['kernel', 'unused', 'bias']);
      expect([...values.dataSync()]).toEqual(expected);
      const apart = sums.apart();
      expect(Object.entries(apart).map(([name, { shape }]) => [name, shape])).toEqual([['kernel', [2, 2]], ['unused', [1]], ['bias', [2]]]);
      expect(Object.values(apart).flatMap((tensor) => [...tensor.dataSync()])).toEqual(expected);
      tf.dispose([values, apart]);
    }
    expect(tf.memory().numTensors).toBe(before);
  });

  it('that are handed out stay what they are when the next step writes over the numbers', () => {
    const sums = new GradientSums(weights, results);
    sums.add({ db: result(5, 6), dk: result(1, 2, 3, 4) }, true);
    const [{ values }, apart] = [sums.joined(), sums.apart()];
    const room = new NumberRoom();
    expect([...room.read('a', values)]).toEqual([1, 2, 3, 4, 0, 5, 6]);
    sums.withdraw();
    sums.add({ db: result(-5, -6), dk: result(-1, -2, -3, -4) }, true);
    for (const numbers of [room.read('a', values), values.dataSync()]) expect([...numbers]).toEqual([1, 2, 3, 4, 0, 5, 6]);
    expect(Object.values(apart).flatMap((tensor) => [...tensor.dataSync()])).toEqual([1, 2, 3, 4, 0, 5, 6]);
    tf.dispose([values, apart]);
  });

  it('may be written into their places by the runtime', () => {
    const sums = new GradientSums(weights, results);
    sums.places.get('db')!.set([5, 6]);
    sums.places.get('dk')!.set([1, 2, 3, 4]);
    sums.add(Object.fromEntries(Array.from(sums.places, ([name, place]) => [name, new Tensor('float32', place, [place.length])])), true);
    expect([...sums.values]).toEqual([1, 2, 3, 4, 0, 5, 6]);
  });
});
