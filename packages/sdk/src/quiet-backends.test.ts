import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { greetQuietly, startWasmQuietly } from './quiet-backends.js';

const events = ['uncaughtException', 'unhandledRejection'] as const;
const listeners = () => events.map((event) => process.rawListeners(event));
const ours: (() => void)[] = [];
afterEach(() => {
  for (const listener of ours.splice(0)) for (const event of events) process.off(event, listener);
});

describe('startWasmQuietly', () => {
  it('keeps out the listeners that the backend adds, and those alone', async () => {
    const before = listeners();
    const listener = () => {};
    ours.push(listener);
    const started = startWasmQuietly(async () => {
      process.on('uncaughtException', listener);
      return tf.setBackend('wasm');
    });
    process.on('unhandledRejection', listener);
    expect(await started).toBe(true);
    expect(listeners()).toEqual(before.map((those) => [...those, listener]));
    expect(Object.hasOwn(process, 'on')).toBe(false);
    expect((await tf.add(1, 2).data())[0]).toBe(3);
  });

  it('leaves process.on as it was, however many start and fail at once', async () => {
    const before = process.on;
    const starts = [1, 2, 3].map((turn) => startWasmQuietly(async () => {
      await new Promise((resolve) => setTimeout(resolve, 5 * turn));
      if (turn === 2) throw new Error('not this one');
      return turn;
    }));
    expect((await Promise.allSettled(starts)).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(process.on).toBe(before);
    expect(Object.hasOwn(process, 'on')).toBe(false);
  });

  it('leaves what the host has put in the place of process.on meanwhile', async () => {
    const seen: string[] = [];
    await startWasmQuietly(async () => {
      const on = process.on;
      process.on = function (this: NodeJS.Process, event: string, listener: () => void) {
        seen.push(event);
        return on.call(this, event, listener);
      } as typeof process.on;
    });
    const listener = () => {};
    ours.push(listener);
    process.on('uncaughtException', listener);
    expect([seen, process.rawListeners('uncaughtException').at(-1)]).toEqual([['uncaughtException'], listener]);
    Reflect.deleteProperty(process, 'on');
  });
});

it('greetQuietly: no advertisement, and production mode as it was', async () => {
  const warn = jest.spyOn(console, 'warn').mockImplementation(() => {});
  await tf.setBackend('cpu');
  greetQuietly();
  tf.dispose(tf.tensor1d([1]));
  expect([warn.mock.calls, tf.env().getBool('PROD')]).toEqual([[], false]);
  warn.mockRestore();
});
