import '../../../../test/conformance/backend.js';
import { createKernel, silentLogger, silentProgress } from '@cultivar/kernel';
import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { preview } from './preview.js';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const services = { logger: silentLogger, progress: silentProgress, signal: new AbortController().signal };
const kernel = await createKernel({ plugins: ['@cultivar/augmentations'], from: root });
const data = `${root}datasets/leaves`;
const request = { data, images: 3, views: 2, size: 48 };

/** The tile of a row and column. */
async function tile(png: Uint8Array, row: number, column: number): Promise<number[]> {
  const left = 4 + column * 52 + (column > 0 ? 12 : 0);
  return [...await sharp(png).extract({ left, top: 4 + row * 52, width: 48, height: 48 }).removeAlpha().raw().toBuffer()];
}

describe('preview', () => {
  it('shows originals first, then views, the same for the same seed, and leaves no tensor', async () => {
    const before = tf.memory().numTensors;
    const wanted = { ...request, augmentations: [{ name: 'flip', horizontal: 1 }, { name: 'pca-lighting', sigma: 0 }] };
    const sheet = await preview(kernel, wanted, services);
    expect(await sharp(sheet.png).metadata()).toMatchObject({ format: 'png', width: 4 + 3 * 52 + 12, height: 4 + 3 * 52 });
    expect(sheet).toMatchObject({ width: 172, height: 160 });
    expect(new Set(sheet.images.map((name) => name.split('/')[0])).size).toBe(3);
    const original = await tile(sheet.png, 1, 0);
    const mirrored = Array.from({ length: 48 * 48 * 3 }, (_, at) => original[(Math.floor(at / 144) * 48 + 47 - (Math.floor(at / 3) % 48)) * 3 + (at % 3)]!);
    expect(await tile(sheet.png, 1, 1)).toEqual(mirrored);
    expect(await tile(sheet.png, 1, 2)).toEqual(mirrored);
    expect([...(await preview(kernel, wanted, services)).png]).toEqual([...sheet.png]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('draws each view anew, and other images by another seed', async () => {
    const wanted = { ...request, augmentations: [{ name: 'rand-augment', magnitude: 20 }, { name: 'cutmix' }] };
    const sheet = await preview(kernel, wanted, services);
    expect(await tile(sheet.png, 0, 1)).not.toEqual(await tile(sheet.png, 0, 2));
    expect((await preview(kernel, { ...wanted, seed: 1 }, services)).images).not.toEqual(sheet.images);
  });

  it('leaves out what cannot be decoded, as training does', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cultivar-preview-'));
    for (const label of ['a', 'b']) {
      await mkdir(join(folder, label));
      const whole = await sharp({ create: { width: 40, height: 30, channels: 3, background: label === 'a' ? 'red' : 'blue' } }).png().toBuffer();
      await writeFile(join(folder, label, 'whole.png'), whole);
      // Its end is there; what lies in the middle is not.
      await writeFile(join(folder, label, 'damaged.png'), Buffer.from(whole).fill(0, whole.length - 40, whole.length - 20));
    }
    const sheet = await preview(kernel, { ...request, data: folder, images: 4, augmentations: [{ name: 'flip' }] }, services);
    expect([...sheet.images].sort()).toEqual(['a/whole.png', 'b/whole.png']);
    await rm(folder, { recursive: true });
  });

  it('says what is wrong before it reads an image', async () => {
    await expect(preview(kernel, { ...request, data: '/nowhere/at/all/photos', augmentations: [{ name: 'unheard' }] }, services)).rejects.toMatchObject({ code: 'CONTRIBUTION_UNKNOWN' });
    await expect(preview(kernel, { ...request, data: '/nowhere/at/all/photos', augmentations: [] }, services)).rejects.toMatchObject({ code: 'DATA_NOT_FOUND' });
  });
});
