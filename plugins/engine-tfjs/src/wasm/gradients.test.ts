import { beforeAll, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients of operators
import { readyBackend } from '../backend.js';

beforeAll(async () => {
  expect((await readyBackend('cpu')).name).toBe('cpu');
  expect(await readyBackend('wasm')).toEqual({ name: 'wasm', failed: [] });
});

type Convolve = (x: tf.Tensor4D, filter: tf.Tensor4D) => tf.Tensor4D;

/** Gradients of a weighted sum of what `convolve` gives, with regard to input and filter. */
async function gradients(backend: string, convolve: Convolve, inputShape: [number, number, number, number], filterShape: [number, number, number, number]): Promise<Float32Array[]> {
  await tf.setBackend(backend);
  const before = tf.memory().numTensors;
  const results = tf.tidy(() => {
    const x = tf.randomUniform<tf.Rank.R4>(inputShape, -1, 1, 'float32', 1);
    const filter = tf.randomUniform<tf.Rank.R4>(filterShape, -1, 1, 'float32', 2);
    return tf.grads((...args) => {
      const y = convolve(args[0] as tf.Tensor4D, args[1] as tf.Tensor4D);
      return tf.sum(tf.mul(y, tf.randomUniform(y.shape, -1, 1, 'float32', 3)));
    })([x, filter]).map((gradient) => gradient.dataSync<'float32'>().slice());
  });
  expect(tf.memory().numTensors).toBe(before);
  return results;
}

async function worst(convolve: Convolve, inputShape: [number, number, number, number], filterShape: [number, number, number, number]): Promise<number> {
  const [cpu, wasm] = [await gradients('cpu', convolve, inputShape, filterShape), await gradients('wasm', convolve, inputShape, filterShape)];
  return Math.max(...cpu.flatMap((gradient, index) => Array.from(gradient, (value, place) => Math.abs(value - wasm[index]![place]!))));
}

const windows = [1, 2, 3, 5].flatMap((size) => [1, 2, 3].flatMap((stride) => (['same', 'valid', 1] as const).map((pad) => ({ size, stride, pad }))));

describe('gradients on wasm, against cpu', () => {
  it.each(windows)('conv2d $size/$stride $pad', async ({ size, stride, pad }) => {
    for (const [height, width] of [[7, 6], [5, 8]] as const) {
      const convolve: Convolve = (x, filter) => tf.conv2d(x, filter, stride, pad, 'NHWC', 1, pad === 1 ? 'floor' : undefined);
      expect(await worst(convolve, [2, height, width, 3], [size, size, 3, 4])).toBeLessThan(1e-4);
    }
  });
  it.each(windows)('depthwiseConv2d $size/$stride $pad', async ({ size, stride, pad }) => {
    for (const multiplier of [1, 2]) {
      const convolve: Convolve = (x, filter) => tf.depthwiseConv2d(x, filter, stride, pad, 'NHWC', 1, pad === 1 ? 'floor' : undefined);
      expect(await worst(convolve, [2, 7, 6, 3], [size, size, 3, multiplier])).toBeLessThan(1e-4);
    }
  });
  it('windows that are not square', async () => {
    expect(await worst((x, filter) => tf.conv2d(x, filter, [2, 1], 'same'), [2, 7, 6, 3], [3, 1, 3, 4])).toBeLessThan(1e-4);
    expect(await worst((x, filter) => tf.depthwiseConv2d(x, filter, [1, 1], 'same'), [2, 7, 6, 3], [1, 3, 3, 1])).toBeLessThan(1e-4);
  });
  it.each(['same', 'valid'] as const)('pooling %s', async (pad) => {
    expect(await worst((x, filter) => tf.add(tf.maxPool(x, 3, 2, pad), tf.sum(filter)), [2, 7, 6, 3], [1, 1, 1, 1])).toBeLessThan(1e-4);
    expect(await worst((x, filter) => tf.add(tf.avgPool(x, 3, 2, pad), tf.sum(filter)), [2, 7, 6, 3], [1, 1, 1, 1])).toBeLessThan(1e-4);
  });
});
