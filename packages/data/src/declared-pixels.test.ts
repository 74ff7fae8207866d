import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from '@jest/globals';
import { makeFolder, plain, png, removeFolders } from '../test/drawn-images.js';
import { decodeImage } from './canvas.js';
import { openCanvases } from './canvases.js';
import { openImage } from './open-image.js';
import { scanDataset } from './scan.js';

interface Golden {
  side: number;
  /** Files in base64, and the pixels that they declare: [side, side, 3]; none where a file must be refused. */
  files: Record<string, { file: string; pixels?: number[] }>;
}
const golden = JSON.parse(readFileSync(new URL('../../../test/golden/images.json', import.meta.url), 'utf8')) as Golden;
const preprocessing = { ...plain, size: golden.side };
const cases = Object.entries(golden.files);
afterAll(removeFolders);

describe('pixels lie where the file declares them', () => {
  it.each(cases.filter(([, { pixels }]) => pixels))('%s', async (name, { file, pixels }) => {
    const canvas = await decodeImage(Buffer.from(file, 'base64'), preprocessing);
    const off = Math.max(...canvas.map((value, index) => Math.abs(value - pixels![index]!)));
    expect(off).toBeLessThanOrEqual(/jpeg/.test(name) ? 3 : 1);
  });

  it.each(cases.filter(([, { pixels }]) => !pixels))('%s is refused, saying what it is', async (_, { file }) => {
    const refusal = decodeImage(Buffer.from(file, 'base64'), preprocessing);
    await expect(refusal).rejects.toMatchObject({ code: 'IMAGE_UNREADABLE' });
    await expect(refusal).rejects.not.toThrow(/cut off|damaged|undefined|NaN/);
  });
});

describe('numbers that are scaled', () => {
  it('take no more than a gibibyte: what would is refused before it is read', async () => {
    const bytes = Buffer.from(golden.files['tiff float32, rgb']!.file, 'base64');
    const directory = bytes.readUInt32LE(4);
    for (let entry = 0; entry < bytes.readUInt16LE(directory); entry += 1) {
      const at = directory + 2 + 12 * entry;
      if (bytes.readUInt16LE(at) === 256) bytes.writeUInt32LE(12_000, at + 8);
      if (bytes.readUInt16LE(at) === 257) bytes.writeUInt32LE(9000, at + 8);
    }
    await expect(openImage(bytes, 'tiff', 'error', 2e8)).rejects.toMatchObject({ code: 'IMAGE_TOO_LARGE', message: expect.stringContaining('12000 x 9000 pixels of 3 numbers') });
  });
});

describe('all ways to the pixels', () => {
  it('agree on which files are used, why not, and what is in them', async () => {
    const files = Object.fromEntries(cases.map(([name, { file }]) => [`a/${name.replaceAll(/\W+/g, '-')}`, Buffer.from(file, 'base64')]));
    const root = await makeFolder({ ...files, 'b/1.png': await png(1) });
    const checked = await scanDataset(root, { decode: true });
    const scanned = await scanDataset(root);
    expect(scanned.setAside).toEqual(checked.setAside);
    expect(scanned.setAside.map(({ path }) => path)).toEqual(Object.keys(files).filter((_, index) => !cases[index]![1].pixels).sort());
    const canvases = openCanvases(scanned.samples, preprocessing);
    const { data } = await canvases.batch(scanned.samples.map((_, index) => index));
    await canvases.dispose();
    for (const [index, { path }] of scanned.samples.entries()) {
      expect(data.subarray(index * canvases.size ** 2 * 3, (index + 1) * canvases.size ** 2 * 3)).toEqual(await decodeImage(path, preprocessing));
    }
  });
});
