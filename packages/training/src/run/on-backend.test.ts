import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { startWasmQuietly } from '@cultivar/sdk';
import { beforeEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { asGuest, onBackend } from './on-backend.js';

beforeEach(async () => {
  await startWasmQuietly(() => tf.setBackend('wasm'));
  await tf.setBackend('cpu');
});

const later = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe('onBackend', () => {
  it('gives the active backend back when the last has ended, one that fails too', async () => {
    const seen: string[] = [];
    const works = [5, 15, 10].map((milliseconds, index) => onBackend('wasm', async () => {
      await later(milliseconds);
      seen.push(tf.getBackend());
      if (index === 1) throw new Error('not this one');
    }));
    await Promise.allSettled(works);
    expect([seen, tf.getBackend()]).toEqual([['wasm', 'wasm', 'wasm'], 'cpu']);
  });

  it('leaves the one that is active already', async () => {
    expect(await onBackend('cpu', async () => tf.getBackend())).toBe('cpu');
  });
});

describe('asGuest', () => {
  it('tells each of several which was active before the first, and leaves that when the last has ended, in whatever order', async () => {
    const told: string[] = [];
    const run = (milliseconds: number) => asGuest(async (backend) => {
      told.push(backend);
      await tf.setBackend('wasm');
      await later(milliseconds);
    });
    for (const order of [[5, 30], [30, 5]]) {
      const [first] = [run(order[0]!), await later(1)];
      await Promise.all([first, run(order[1]!)]);
      expect(tf.getBackend()).toBe('cpu');
    }
    expect(told).toEqual(['cpu', 'cpu', 'cpu', 'cpu']);
  });
});
