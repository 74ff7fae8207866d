import { afterAll, describe, expect, it } from '@jest/globals';
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import '../../../../test/conformance/backend.js';
import { unflattened } from './flat-tensor.js';

const shapes = [[2, 3], [1], [4]];
const numbers = (from: number): number[] => Array.from({ length: 11 }, (_, index) => from + index);

afterAll(() => tf.setBackend('cpu'));

describe('a flat tensor, cut up', () => {
  it.each(['cpu', 'wasm'])('%s: gives each piece its numbers and shape', async (backend) => {
    await tf.setBackend(backend);
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const flat = tf.tensor1d(numbers(1));
      const pieces = unflattened(flat, shapes);
      expect(pieces.map(({ shape }) => shape)).toEqual(shapes);
      expect(pieces.flatMap((piece) => [...piece.dataSync()])).toEqual(numbers(1));
      expect([...unflattened(flat, [[11, 1]])[0]!.dataSync()]).toEqual(numbers(1));
    });
    expect(tf.memory().numTensors).toBe(before);
  });
});
