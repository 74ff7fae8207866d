import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { readyBackend } from './backend.js';
import { TfjsEngine } from './tfjs-engine.js';

describe('backends', () => {
  it('starts wasm from its own files, and again at no cost', async () => {
    expect(await readyBackend()).toEqual({ name: 'wasm', failed: [] });
    expect(await readyBackend()).toEqual({ name: 'wasm', failed: [] });
    expect(tf.getBackend()).toBe('wasm');
    expect(await new TfjsEngine().available()).toEqual({ ok: true, reasons: [expect.stringMatching(/^tfjs \d+\.\d+\.\d+ on the wasm backend/)] });
  });
  it('leaves the one that the embedding program has made active, unless that is plain JavaScript', async () => {
    await tf.setBackend('wasm');
    expect((await readyBackend()).name).toBe('wasm');
    expect((await readyBackend('cpu')).name).toBe('cpu');
    expect((await readyBackend()).name).toBe('wasm');
  });
  it('says why one that is asked for is not there', async () => {
    const { name, failed } = await readyBackend('tensorflow');
    expect(name).toBeUndefined();
    expect(failed).toEqual(['tensorflow: its package is not loaded']);
  });
});
