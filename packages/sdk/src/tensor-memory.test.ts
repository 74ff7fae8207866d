import { afterEach, describe, expect, it } from '@jest/globals';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { BlankTensor, numbersOf } from './tensor-memory.js';

tf.enableProdMode();
afterEach(async () => {
  await tf.setBackend('cpu');
});

describe('numbers of tensors', () => {
  it.each(['cpu', 'wasm'])('%s: are those that a tensor has now', async (backend) => {
    await tf.setBackend(backend);
    const variable = tf.tidy(() => tf.variable(tf.tensor2d([[1, 2], [3, 4]])));
    expect([...numbersOf(variable as tf.Tensor)]).toEqual([1, 2, 3, 4]);
    tf.tidy(() => variable.assign(tf.tensor2d([[5, 6], [7, 8.5]])));
    expect([...numbersOf(variable as tf.Tensor)]).toEqual([5, 6, 7, 8.5]);
    variable.dispose();
  });

  it('WebAssembly: lie where they lie; when its memory grows they are there to be asked for again, and the array is empty', async () => {
    await tf.setBackend('wasm');
    const tensor = tf.tensor1d([1, 2, 3]);
    const before = numbersOf(tensor);
    expect(numbersOf(tensor).buffer).toBe(before.buffer);
    const large: tf.Tensor[] = [];
    while (before.length > 0 && large.length < 64) large.push(tf.zeros([2 ** 22]));
    expect(before.length).toBe(0);
    expect([...numbersOf(tensor)]).toEqual([1, 2, 3]);
    tf.dispose([tensor, ...large]);
  });

  it('are read from another backend', async () => {
    await tf.setBackend('cpu');
    const tensor = tf.tensor1d([1, 2, 3]);
    await tf.setBackend('wasm');
    expect([...numbersOf(tensor)]).toEqual([1, 2, 3]);
    tensor.dispose();
  });
});

describe.each(['cpu', 'wasm'])('a blank tensor on %s', (backend) => {
  it('is what was written into it, and stays so', async () => {
    await tf.setBackend(backend);
    const before = tf.memory().numTensors;
    const [first, second] = [new BlankTensor([2, 2]), new BlankTensor([3])];
    first.numbers.set([1, 2, 3, 4]);
    second.numbers.set([5, 6], 1);
    second.numbers[0] = 0.5;
    const tensors = [first.written(), second.written()];
    expect(tensors.map(({ shape, dtype }) => [shape, dtype])).toEqual([[[2, 2], 'float32'], [[3], 'float32']]);
    const sum = tf.tidy(() => tf.add(tf.sum(tensors[0]!), tf.sum(tensors[1]!)));
    new BlankTensor([4]).dispose();
    expect(tensors.map((tensor) => [...tensor.dataSync()])).toEqual([[1, 2, 3, 4], [0.5, 5, 6]]);
    expect(sum.dataSync()[0]).toBe(21.5);
    tf.dispose([...tensors, sum]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('that is made in a tidy is the tidy\'s', async () => {
    await tf.setBackend(backend);
    const before = tf.memory().numTensors;
    const kept = tf.tidy(() => {
      const [one, other] = [new BlankTensor([1]), new BlankTensor([1])];
      one.numbers[0] = 1;
      other.numbers[0] = 2;
      other.written();
      return one.written();
    });
    expect(tf.memory().numTensors).toBe(before + 1);
    expect([...kept.dataSync()]).toEqual([1]);
    kept.dispose();
  });
});
