import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openCanvases, scanDataset, type SetAsideCode } from '@cultivar/data';
import { makeBrokenFolder, type Breakage, type BrokenFolder } from './broken-images.js';

let folder: string;
let made: BrokenFolder;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cultivar-broken-'));
  made = await makeBrokenFolder(folder, { broken: 300, good: 30 });
});
afterAll(async () => { await rm(folder, { recursive: true, force: true }); });

/** @returns the most memory that was in use above what was at the start, in MiB */
async function growth(work: () => Promise<void>): Promise<number> {
  const before = process.memoryUsage.rss();
  let most = before;
  const watch = setInterval(() => { most = Math.max(most, process.memoryUsage.rss()); }, 5);
  try {
    await work();
  } finally {
    clearInterval(watch);
  }
  return (Math.max(most, process.memoryUsage.rss()) - before) / 2 ** 20;
}

const codes: Record<Breakage, SetAsideCode[]> = {
  truncated: ['IMAGE_TRUNCATED', 'FORMAT_UNKNOWN'],
  empty: ['FILE_EMPTY'],
  text: ['FORMAT_UNKNOWN'],
  noise: ['IMAGE_TRUNCATED', 'IMAGE_CORRUPT'],
  huge: ['IMAGE_TOO_LARGE'],
};

describe('300 broken files among 30 good ones', () => {
  it.each([false, true])('are listed, each with its reason, with memory flat (decode: %s)', async (decode) => {
    const grown = await growth(async () => {
      const dataset = await scanDataset(folder, { decode });
      expect(dataset.samples.map(({ name }) => name).sort()).toEqual([...made.good].sort());
      const listed = new Map(dataset.setAside.map((file) => [file.path, file]));
      expect(listed.size).toBe(300);
      for (const { name, breakage } of made.broken) {
        expect(listed.get(name)).toMatchObject({ path: name, reason: expect.stringMatching(/^it .{10,}/) });
        expect([name, codes[breakage]]).toEqual([name, expect.arrayContaining([listed.get(name)!.code])]);
      }
      expect(dataset.setAside.find(({ code }) => code === 'IMAGE_TOO_LARGE')!.reason).toContain('it has 30000 x 30000 pixels; at most 200000000 are read');
    });
    // Decoding the large one alone would take 900 MB.
    expect(grown).toBeLessThan(250);
  });

  it('do not keep the good ones from being decoded', async () => {
    const { samples } = await scanDataset(folder);
    const canvases = openCanvases(samples, { size: 64, resize: 'stretch', mean: [0, 0, 0], std: [1, 1, 1], channels: 'rgb' });
    expect((await canvases.batch(samples.map((_, index) => index))).shape).toEqual([30, 64, 64, 3]);
    expect(canvases.failures).toEqual([]);
    await canvases.dispose();
  });
});
