import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { loadRuntime } from '@cultivar/onnxruntime';
import { StepGradients } from './step-gradients.js';

tf.enableProdMode();
const { Tensor } = await loadRuntime();
const result = (...numbers: number[]) => new Tensor('float32', Float32Array.from(numbers), [numbers.length]);

describe.each([['cpu', true], ['cpu', false], ['wasm', true], ['wasm', false]])('gradients of a step on %s, joined: %s', (backend, joined) => {
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

  /** Their numbers, in order, and nothing is left of them. */
  function numbersOf(step: StepGradients): number[] {
    const { gradients, joined: all } = step.written();
    expect(all !== undefined).toBe(joined);
    const shapes = joined ? [] : [['kernel', [2, 2]], ['unused', [1]], ['bias', [2]]];
    expect(Object.entries(gradients).map(([name, { shape }]) => [name, shape])).toEqual(shapes);
    if (all) expect([all.names, all.values.shape]).toEqual([['kernel', 'unused', 'bias'], [7]]);
    const numbers = [...Object.values(gradients), ...(all ? [all.values] : [])].flatMap((tensor) => [...tensor.dataSync()]);
    tf.dispose([gradients, all?.values ?? []]);
    return numbers;
  }

  it('are summed over groups, in the order of the weights; zero where there is none', () => {
    const before = tf.memory().numTensors;
    for (const time of [1, 2]) {
      const step = new StepGradients(weights, results, joined);
      step.set({ db: result(5 * time, 6), dk: result(1, 2, 3, 4) });
      step.add({ db: result(50, 60), dk: result(10, 20, 30, 40 * time) });
      expect(numbersOf(step)).toEqual([11, 22, 33, 4 + 40 * time, 0, 50 + 5 * time, 66]);
    }
    new StepGradients(weights, results, joined).dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('may be written into their places by the runtime, also when memory grows afterwards; the next step is another', () => {
    const step = new StepGradients(weights, results, joined);
    const places = step.places();
    places.get('db')!.set([5, 6]);
    places.get('dk')!.set([1, 2, 3, 4]);
    const large: tf.Tensor[] = [];
    if (backend === 'wasm') while (places.get('db')!.length > 0) large.push(tf.zeros([2 ** 22]));
    const next = new StepGradients(weights, results, joined);
    next.set({ db: result(-5, -6), dk: result(-1, -2, -3, -4) });
    step.add({ db: result(0, 1), dk: result(0, 0, 0, 0.5) });
    expect(numbersOf(step)).toEqual([1, 2, 3, 4.5, 0, 5, 7]);
    expect(numbersOf(next)).toEqual([-1, -2, -3, -4, 0, -5, -6]);
    tf.dispose(large);
  });
});
