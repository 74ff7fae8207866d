import { readdir, writeFile } from 'node:fs/promises';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import type { Logger } from '@cultivar/sdk';
import { makeFolder, removeFolders } from '../test/drawn-images.js';
import { CanvasStore } from './canvas-store.js';

afterAll(removeFolders);
const canvas = (index: number) => Uint8Array.from({ length: 300 }, (_, at) => (index * 31 + at) % 256);
const listener = () => ({ debug: jest.fn(), info: jest.fn(), warn: jest.fn<Logger['warn']>() });

describe('CanvasStore', () => {
  it.each([0, 900, 1e6])('gives back what was put, with %i bytes of memory', async (memoryBudget) => {
    const folder = await makeFolder();
    const store = new CanvasStore({ canvasBytes: 300, memoryBudget, folder: `${folder}/made/here` });
    const order = [5, 0, 3, 9, 1, 2, 8, 4, 7, 6];
    await Promise.all(order.map((index) => store.put(index, canvas(index))));
    for (const index of order) {
      expect(store.has(index)).toBe(true);
      expect(await store.get(index)).toEqual(canvas(index));
    }
    expect(await store.get(99)).toBeUndefined();
    await store.dispose();
    await store.dispose();
    expect(await readdir(`${folder}/made/here`).catch(() => [])).toEqual([]);
  });

  it('says once that the folder cannot be written, and goes on without', async () => {
    const folder = await makeFolder();
    await writeFile(`${folder}/file`, '');
    const logger = listener();
    const store = new CanvasStore({ canvasBytes: 300, memoryBudget: 600, folder: `${folder}/file/below`, logger });
    for (let index = 0; index < 6; index += 1) await store.put(index, canvas(index));
    expect(await store.get(1)).toEqual(canvas(1));
    expect(await store.get(4)).toBeUndefined();
    expect(logger.warn.mock.calls).toEqual([[expect.stringContaining('decoded again')]]);
    await store.dispose();
  });

  // /dev/full answers every write with "no space left on device".
  (process.platform === 'linux' ? it : it.skip)('goes on when the disk is full', async () => {
    const logger = listener();
    const store = new CanvasStore({ canvasBytes: 300, memoryBudget: 300, logger, file: '/dev/full' });
    for (let index = 0; index < 6; index += 1) await store.put(index, canvas(index));
    expect(await store.get(0)).toEqual(canvas(0));
    expect(await store.get(1)).toBeUndefined();
    expect(logger.warn.mock.calls).toEqual([[expect.stringContaining('the disk is full')]]);
    await store.dispose();
  });
});
