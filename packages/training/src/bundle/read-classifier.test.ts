import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { silentLogger } from '@cultivar/kernel';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keepTestTime, manifestFile, readManifest, type NewManifest } from './manifest.js';
import { readClassifier } from './read-classifier.js';
import { writeModelBundle } from './write-bundle.js';

const labels = ['birch', 'maple', 'oak'];
const manifest = {
  labels, preprocessing: { size: 8, resize: 'stretch', mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5], channels: 'rgb' }, seed: 3, metrics: { accuracy: 0.9 },
} as unknown as NewManifest;

let base: string;
let whole: string;
let folder: string;
let count = 0;
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'read-classifier-'));
  whole = join(base, 'whole');
  const model = sequential({ layers: [
    layers.conv2d({ inputShape: [8, 8, 3], filters: 4, kernelSize: 3 }), layers.globalAveragePooling2d({}), layers.dense({ name: 'head', units: 3, activation: 'softmax' }),
  ] });
  await writeModelBundle(whole, model, manifest);
  model.dispose();
});
afterAll(() => rm(base, { recursive: true, force: true }));
beforeEach(async () => {
  folder = join(base, String(count += 1));
  await cp(whole, folder, { recursive: true });
});

const warnings: string[] = [];
const open = async () => {
  const before = tf.memory().numTensors;
  try {
    (await readClassifier(folder, await readManifest(folder), { ...silentLogger, warn: (line) => { warnings.push(line); } })).dispose();
  } finally {
    expect(tf.memory().numTensors).toBe(before);
  }
};
const edit = async (name: string, change: (text: string) => string) => {
  const path = join(folder, name);
  const before = await readFile(path, 'utf8');
  const after = change(before);
  expect(after).not.toBe(before);
  await writeFile(path, after);
};

describe('a bundle', () => {
  it('that is whole opens, also after how it predicts was changed', async () => {
    await open();
    await keepTestTime(folder, { crops: 5 });
    await open();
    expect((await readManifest(folder)).testTime).toEqual({ crops: 5 });
    expect(warnings).toEqual([]);
  });

  it.each(['weights.bin', 'model.json', manifestFile])('with any bit of %s flipped is refused by name, or was changed where nothing is said', async (name) => {
    const path = join(folder, name);
    const bytes = await readFile(path);
    const asked = JSON.stringify(await readManifest(folder));
    for (let at = 0; at < bytes.length; at += Math.ceil(bytes.length / 60)) {
      const damaged = Buffer.from(bytes);
      damaged[at]! ^= 1 << (at % 8);
      await writeFile(path, damaged);
      const outcome = await open().then(() => undefined, (error: unknown) => error);
      if (outcome === undefined) expect(JSON.stringify(await readManifest(folder))).toBe(asked);
      else if (name === manifestFile) expect(outcome).toMatchObject({ code: expect.stringMatching(/^BUNDLE_(DAMAGED|INVALID)$/), message: expect.stringContaining(name) });
      else expect(outcome).toMatchObject({ code: 'BUNDLE_DAMAGED', message: expect.stringContaining(name) });
    }
  });

  it.each<[string, string, (text: string) => string]>([
    ['labels in another order', manifestFile, (text) => text.replace('"birch"', '"x"').replace('"maple"', '"birch"').replace('"x"', '"maple"')],
    ['other preprocessing', manifestFile, (text) => text.replace('"stretch"', '"crop"')],
    ['another seed', manifestFile, (text) => text.replace('"seed": 3', '"seed": 4')],
    ['no checksum of itself', manifestFile, (text) => text.replace(/,\s*"sha256": "\w+"/, '')],
    ['other layers', 'model.json', (text) => text.replace('"linear"', '"relu"')],
    ['weights cut off', 'weights.bin', (text) => text.slice(0, 100)],
  ])('with %s is damaged', async (_, name, change) => {
    await edit(name, change);
    await expect(open()).rejects.toMatchObject({ code: 'BUNDLE_DAMAGED', exit: 2, message: expect.stringContaining(`${name} is not what was written`) });
  });

  it('of the first format opens with a warning, its network verified as far as it carries a checksum', async () => {
    await writeFile(join(folder, manifestFile), JSON.stringify({ ...await readManifest(folder), format: 1, files: undefined, sha256: undefined }));
    await open();
    expect(warnings.splice(0)).toEqual([expect.stringContaining('earlier format')]);
    await keepTestTime(folder, { crops: 5 });
    await open();
    warnings.length = 0;
    const bytes = await readFile(join(folder, 'weights.bin'));
    bytes[9]! ^= 4;
    await writeFile(join(folder, 'weights.bin'), bytes);
    await expect(open()).rejects.toMatchObject({ code: 'BUNDLE_DAMAGED', message: expect.stringContaining('model.json or weights.bin') });
  });

  it.each<[string, unknown]>([
    ['testTime.monteCarlo.draws', { testTime: { crops: 1, monteCarlo: { rate: 0.5, draws: 1e9 } } }],
    ['testTime.monteCarlo.rate', { testTime: { crops: 1, monteCarlo: { rate: 1, draws: 2 } } }],
    ['preprocessing.size', { preprocessing: { ...manifest.preprocessing, size: 96000 } }],
    ['preprocessing.size', { preprocessing: { ...manifest.preprocessing, size: 8.5 } }],
    ['preprocessing.cropFraction', { preprocessing: { ...manifest.preprocessing, cropFraction: -0.5 } }],
    ['preprocessing.std', { preprocessing: { ...manifest.preprocessing, std: [0, 1, 1] } }],
    ['preprocessing.mean', { preprocessing: { ...manifest.preprocessing, mean: [1e300, 1, 1] } }],
    ['preprocessing.kernel', { preprocessing: { ...manifest.preprocessing, kernel: '__proto__' } }],
    ['seed', { seed: -1 }],
    ['labels', { labels: ['a', 'a', 'b'] }],
    ['labels', { labels: 'abc' }],
    ['format', { format: 99 }],
  ])('whose %s has no sense is invalid, and says which it is', async (where, change) => {
    await writeFile(join(folder, manifestFile), JSON.stringify({ ...await readManifest(folder), ...(change as object) }));
    await expect(open()).rejects.toMatchObject({ code: 'BUNDLE_INVALID', message: expect.stringContaining(where) });
  });

  it.each<[string, string]>([
    ['has a key __proto__', '{"format":2,"__proto__":{"labels":["a","b"]}}'],
    ['has more than 200 levels', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
    ['is not JSON', 'x'],
  ])('whose cultivar.json %s is invalid', async (reason, text) => {
    await writeFile(join(folder, manifestFile), text);
    await expect(open()).rejects.toMatchObject({ code: 'BUNDLE_INVALID', message: expect.stringContaining(reason) });
  });

  it('whose cultivar.json is a link to one elsewhere is invalid', async () => {
    await rm(join(folder, manifestFile));
    await symlink(join(whole, manifestFile), join(folder, manifestFile));
    await expect(open()).rejects.toMatchObject({ code: 'BUNDLE_INVALID', message: expect.stringContaining('leads out') });
  });
});
