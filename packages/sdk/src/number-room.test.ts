import { afterEach, describe, expect, it } from '@jest/globals';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { NumberRoom } from './number-room.js';

afterEach(async () => {
  await tf.setBackend('cpu');
});

describe('room for numbers', () => {
  it.each(['cpu', 'wasm'])('%s: gives the numbers that a tensor has now', async (backend) => {
    await tf.setBackend(backend);
    const room = new NumberRoom();
    const variable = tf.variable(tf.tensor2d([[1, 2], [3, 4]]));
    expect([...room.read('weights', variable as tf.Tensor)]).toEqual([1, 2, 3, 4]);
    tf.tidy(() => variable.assign(tf.tensor2d([[5, 6], [7, 8.5]])));
    expect([...room.read('weights', variable as tf.Tensor)]).toEqual([5, 6, 7, 8.5]);
    const longer = tf.tensor1d([9, 8, 7, 6, 5]);
    expect([...room.read('weights', longer)]).toEqual([9, 8, 7, 6, 5]);
    tf.dispose([variable as tf.Tensor, longer]);
  });

  it('WebAssembly: writes into the same array again, one for each name, that later tensors do not change', async () => {
    await tf.setBackend('wasm');
    const room = new NumberRoom();
    const [first, second] = [tf.tensor1d([1, 2]), tf.tensor1d([3, 4])];
    const array = room.read('a', first);
    expect(room.read('b', second)).not.toBe(array);
    first.dispose();
    const later = tf.tensor1d([5, 6]);
    expect([...array]).toEqual([1, 2]);
    expect(room.read('a', later)).toBe(array);
    expect([...array]).toEqual([5, 6]);
    tf.dispose([second, later]);
  });

  it('WebAssembly: numbers that are published are read where they stand, by every room, until they are withdrawn', async () => {
    await tf.setBackend('wasm');
    const before = tf.memory().numTensors;
    const [room, other] = [new NumberRoom(), new NumberRoom()];
    const numbers = Float32Array.of(1, 2, 3, 4);
    const tensor = tf.tensor1d(numbers);
    const variable = tf.tidy(() => tf.variable(tf.reshape(tensor, [2, 2])));
    room.publish('weights', tensor, numbers);
    expect(other.read('a', tensor)).toBe(numbers);
    // An assigned variable, and a tensor of another shape, have the same data.
    const assigned = tf.tidy(() => tf.variable(tf.zeros([4])));
    assigned.assign(tensor);
    expect(other.read('a', assigned as tf.Tensor)).toBe(numbers);
    expect([...other.read('a', variable as tf.Tensor)]).toEqual([1, 2, 3, 4]);
    room.withdraw('weights');
    numbers.fill(0);
    expect([...other.read('a', tensor)]).toEqual([1, 2, 3, 4]);
    tf.dispose([tensor, variable as tf.Tensor, assigned as tf.Tensor]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('WebAssembly: copying something else under the name withdraws what stood there', async () => {
    await tf.setBackend('wasm');
    const [room, other] = [new NumberRoom(), new NumberRoom()];
    const [older, newer] = [tf.tensor1d([1, 2]), tf.tensor1d([3, 4])];
    room.publish('weights', older, room.copy('weights', older));
    const array = other.read('a', older);
    expect(room.copy('weights', newer)).toBe(array);
    room.publish('weights', newer, array);
    expect([...other.read('a', older)]).toEqual([1, 2]);
    expect(other.read('a', newer)).toBe(array);
    tf.dispose([older, newer]);
  });

  it('reads what another backend holds', async () => {
    await tf.setBackend('cpu');
    const tensor = tf.tensor1d([1, 2, 3]);
    await tf.setBackend('wasm');
    expect([...new NumberRoom().read('a', tensor)]).toEqual([1, 2, 3]);
    tensor.dispose();
  });
});
