import { readdir, rm } from 'node:fs/promises';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import type { Progress } from '@cultivar/sdk';
import { everyFormat, makeFolder, plain, png, removeFolders } from '../test/drawn-images.js';
import { decodeImage } from './canvas.js';
import { openCanvases, type CanvasOptions } from './canvases.js';
import type { Sample } from './dataset.js';
import { scanDataset } from './scan.js';

afterAll(removeFolders);
const bytesOfCanvas = 32 * 32 * 3;

async function samplesOf(count: number): Promise<Sample[]> {
  const files = await Promise.all(Array.from({ length: count }, async (_, index) => [`${'ab'[index % 2]}/${String(index).padStart(3, '0')}.png`, await png(index)] as const));
  return (await scanDataset(await makeFolder(Object.fromEntries(files)))).samples;
}
async function collect(samples: readonly Sample[], options: CanvasOptions, batchSize: number, order?: number[]) {
  const canvases = openCanvases(samples, plain, options);
  const batches: { indices: number[]; data: number[]; shape: number[] }[] = [];
  for await (const { indices, images } of canvases.batches(batchSize, order)) batches.push({ indices, data: [...images.data], shape: images.shape });
  await canvases.dispose();
  return batches;
}

describe('openCanvases', () => {
  it('gives what decodeImage gives, in every format', async () => {
    const files = Object.entries(await everyFormat());
    const root = await makeFolder(Object.fromEntries(files.map(([name, bytes], index) => [`${'ab'[index % 2]}/${name}`, bytes])));
    const { samples } = await scanDataset(root);
    expect(samples).toHaveLength(files.length);
    const canvases = openCanvases(samples, plain);
    for (const [index, sample] of samples.entries()) {
      const { data, shape } = await canvases.batch([index]);
      expect(shape).toEqual([1, 32, 32, 3]);
      expect(data).toEqual(await decodeImage(sample.path, plain));
    }
    await canvases.dispose();
  });

  it('is the same with memory, with a file, with both, and one at a time', async () => {
    const samples = await samplesOf(23);
    const cacheFolder = await makeFolder();
    const order = [22, 3, 3, 17, 0, 1, 2, 11];
    for (const asked of [undefined, order]) {
      const expected = await collect(samples, {}, 5, asked);
      expect(expected.map(({ indices }) => indices).flat()).toEqual(asked ?? samples.map((_, index) => index));
      expect(expected.map(({ shape }) => shape[0])).toEqual(asked ? [5, 3] : [5, 5, 5, 5, 3]);
      for (const options of [{ memoryBudget: 0, cacheFolder }, { memoryBudget: 4 * bytesOfCanvas, cacheFolder }, { concurrency: 1 }]) {
        expect(await collect(samples, options, 5, asked)).toEqual(expected);
      }
    }
    expect(await readdir(cacheFolder)).toEqual([]);
  });

  it('decodes each image once, even when its file is gone afterwards', async () => {
    const samples = await samplesOf(9);
    const advance = jest.fn();
    const progress: Progress = { start: () => ({ advance, finish() {} }) };
    for (const memoryBudget of [0, 1e6]) {
      advance.mockClear();
      const canvases = openCanvases(samples, plain, { memoryBudget, progress });
      const first = await canvases.batch([0, 1, 2, 0, 1]);
      for await (const { images } of canvases.batches(4)) expect(images.data.length % bytesOfCanvas).toBe(0);
      if (memoryBudget > 0) for (const { path } of samples) await rm(path);
      expect(await canvases.batch([0, 1, 2, 0, 1])).toEqual(first);
      expect(advance).toHaveBeenCalledTimes(9);
      expect(canvases.failures).toEqual([]);
      await canvases.dispose();
    }
  });

  it('leaves out what cannot be decoded, and lists it', async () => {
    const samples = await samplesOf(8);
    await rm(samples[2]!.path);
    const canvases = openCanvases(samples, plain);
    const seen: number[] = [];
    for await (const { indices } of canvases.batches(3)) seen.push(...indices);
    expect(seen).toEqual([0, 1, 3, 4, 5, 6, 7]);
    expect(canvases.failures).toEqual([{ index: 2, code: 'FILE_UNREADABLE', reason: 'no such file' }]);
    await expect(canvases.batch([1, 2])).rejects.toMatchObject({ code: 'IMAGE_UNREADABLE', message: expect.stringContaining('no such file') });
    await canvases.dispose();
  });

  it('decodes ahead of the consumer, and not without bounds', async () => {
    const samples = await samplesOf(60);
    let decoded = 0;
    const progress: Progress = { start: () => ({ advance() { decoded += 1; }, finish() {} }) };
    const canvases = openCanvases(samples, plain, { progress, concurrency: 8 });
    for await (const { indices } of canvases.batches(4)) {
      expect(indices).toEqual([0, 1, 2, 3]);
      await new Promise((resolve) => { setTimeout(resolve, 300); });
      expect(decoded).toBeGreaterThanOrEqual(8);
      expect(decoded).toBeLessThanOrEqual(16);
      break;
    }
    await canvases.dispose();
  });

  it('stops when it is aborted', async () => {
    const samples = await samplesOf(30);
    const stop = new AbortController();
    const canvases = openCanvases(samples, plain, { signal: stop.signal, concurrency: 2 });
    const run = async () => {
      for await (const batch of canvases.batches(4)) if (batch) stop.abort(new Error('enough'));
    };
    await expect(run()).rejects.toThrow('enough');
    await expect(canvases.batch([29])).rejects.toThrow('enough');
    expect(canvases.failures).toEqual([]);
    await canvases.dispose();
    await expect(canvases.batch([0])).rejects.toThrow('disposed');
  });

  it('refuses numbers that are no image', async () => {
    const canvases = openCanvases(await samplesOf(2), plain);
    await expect(canvases.batch([2])).rejects.toThrow(RangeError);
    await canvases.dispose();
  });
});
