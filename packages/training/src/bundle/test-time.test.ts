import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Evaluation } from '../evaluation/evaluation.js';
import { keepTestTime, manifestFile, readManifest } from './manifest.js';

const manifest = {
  format: 1, labels: ['a', 'b'], preprocessing: { size: 4, resize: 'crop', mean: [0, 0, 0], std: [1, 1, 1], channels: 'rgb' }, strategy: 'linear-probe', seconds: 3,
};
let folder: string;
const write = (content: object) => writeFile(join(folder, manifestFile), JSON.stringify(content));

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'test-time-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('test time', () => {
  it('is written into the bundle, and leaves the rest as it was', async () => {
    await write(manifest);
    expect((await readManifest(folder)).testTime).toBeUndefined();
    const metrics = { accuracy: 0.5 } as Evaluation;
    await keepTestTime(folder, { crops: 10, metrics });
    await keepTestTime(folder, { crops: 'multi-scale', metrics });
    expect(await readManifest(folder)).toEqual({ ...manifest, testTime: { crops: 'multi-scale', metrics } });
    expect(await readFile(join(folder, manifestFile), 'utf8')).toMatch(/\n$/);
  });

  it('leaves a confusion matrix in rows, and texts as they are', async () => {
    const odd = '[\n  1,\n  2\n]';
    await write({ ...manifest, labels: [odd, 'b'] });
    const metrics = { confusion: [[12, 0], [3, 4]], loss: [1e-7, -2.5e21] } as unknown as Evaluation;
    await keepTestTime(folder, { crops: 5, metrics });
    expect(await readManifest(folder)).toMatchObject({ labels: [odd, 'b'], testTime: { metrics } });
    expect(await readFile(join(folder, manifestFile), 'utf8')).toContain('[\n        [12, 0],\n        [3, 4]\n      ]');
  });

  it.each([7, '10', null])('of %p crops is refused', async (crops) => {
    await write({ ...manifest, testTime: { crops } });
    await expect(readManifest(folder)).rejects.toMatchObject({ code: 'BUNDLE_INVALID', message: expect.stringContaining('testTime.crops') });
  });
});
