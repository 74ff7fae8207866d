/** Photos of 108 megapixels and more, as phones take them: read, in little memory, unless a limit says otherwise. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeImage, openCanvases, scanDataset } from '@cultivar/data';
import type { Preprocessing } from '@cultivar/sdk';
import sharp from 'sharp';
import { cultivar } from './support/command.js';

const preprocessing: Preprocessing = { size: 224, resize: 'crop', mean: [0, 0, 0], std: [1, 1, 1], channels: 'rgb' };
let folder: string;
let photo: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cultivar-large-'));
  photo = join(folder, 'data', 'a', 'phone.jpg');
  for (const label of ['a', 'b']) await mkdir(join(folder, 'data', label), { recursive: true });
  await sharp({ create: { width: 12_000, height: 9000, channels: 3, background: { r: 200, g: 90, b: 30 } } }).jpeg().toFile(photo);
  await writeFile(join(folder, 'data', 'b', 'small.png'), await sharp({ create: { width: 50, height: 40, channels: 3, background: 'green' } }).png().toBuffer());
});
afterAll(async () => { await rm(folder, { recursive: true, force: true }); });

describe('a photo of 12000 x 9000 pixels', () => {
  it('is read, and takes less memory than its pixels would', async () => {
    const before = process.memoryUsage.rss();
    let most = before;
    const watch = setInterval(() => { most = Math.max(most, process.memoryUsage.rss()); }, 5);
    const { samples, setAside } = await scanDataset(join(folder, 'data'), { decode: true });
    expect(setAside).toEqual([]);
    const canvases = openCanvases(samples, preprocessing);
    const { data } = await canvases.batch([0, 1]);
    await canvases.dispose();
    clearInterval(watch);
    expect((Math.max(most, process.memoryUsage.rss()) - before) / 2 ** 20).toBeLessThan(250);
    const canvas = await decodeImage(photo, preprocessing);
    expect(canvas).toEqual(data.subarray(0, canvas.length));
    for (const [channel, value] of [200, 90, 30].entries()) expect(Math.abs(canvas[channel]! - value)).toBeLessThanOrEqual(3);
  });

  it('is set aside where a limit says so, by commands, data and decoder alike, naming the option', async () => {
    const words = /it has 12000 x 9000 pixels; at most 100000000 are read, unless --max-pixels \(maxPixels in the library\) says more/;
    const { setAside } = await scanDataset(join(folder, 'data'), { maximumPixels: 1e8 });
    expect(setAside).toEqual([{ path: 'a/phone.jpg', code: 'IMAGE_TOO_LARGE', reason: expect.stringMatching(words) }]);
    await expect(decodeImage(photo, preprocessing, { maximumPixels: 1e8 })).rejects.toThrow(words);
    const checked = await cultivar(['data', 'check', 'data', '--max-pixels', '100000000'], folder);
    expect(`${checked.stdout}${checked.stderr}`).toMatch(words);
    const wrong = await cultivar(['data', 'check', 'data', '--max-pixels', '0'], folder);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('--max-pixels');
  });
});

describe('images far longer than wide', () => {
  it.each([[1, 60_000], [60_000, 1], [3, 20_000], [1, 1]])('%i x %i pixels come out in every geometry', async (width, height) => {
    const bytes = await sharp({ create: { width, height, channels: 3, background: { r: 10, g: 200, b: 30 } } }).png().toBuffer();
    for (const resize of ['crop', 'stretch', 'pad'] as const) {
      const canvas = await decodeImage(bytes, { ...preprocessing, resize, cropFraction: resize === 'crop' ? 0.875 : undefined });
      const middle = (112 * 224 + 112) * 3;
      expect([...canvas.subarray(middle, middle + 3)]).toEqual([10, 200, 30]);
    }
  });
});
