import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Kernel } from '@cultivar/kernel';
import * as tf from '@tensorflow/tfjs-core';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import '../../../../test/conformance/backend.js';
import { listening, tinyKernel, weightsOf } from '../../../../test/support/tiny-training.js';
import { readManifest } from '../bundle/manifest.js';
import type { TrainingRequest } from '../request.js';
import { train } from '../train.js';

/** Halves of two colours; the class is which of them is left, which no crop changes and every flip does; or which is on top, the other way round. */
async function drawHalves(folder: string, across: boolean): Promise<string> {
  let seed = 7;
  const noise = () => (seed = (seed * 16807) % 2147483647) % 160;
  for (const label of ['first', 'second']) {
    mkdirSync(join(folder, label), { recursive: true });
    for (let index = 0; index < 24; index += 1) {
      const pixels = Buffer.alloc(32 * 32 * 3);
      for (let at = 0; at < pixels.length; at += 1) {
        const [row, column] = [Math.floor(at / 96), Math.floor(at / 3) % 32];
        const inFirst = (across ? column : row) < 16;
        pixels[at] = noise() + (at % 3 === (inFirst === (label === 'first') ? 0 : 2) ? 90 : 0);
      }
      writeFileSync(join(folder, label, `${index}.png`), await sharp(pixels, { raw: { width: 32, height: 32, channels: 3 } }).png().toBuffer());
    }
  }
  return folder;
}

let work: string;
let kernel: Kernel;
let next = 0;
const request = (data: string, further: Partial<TrainingRequest> = {}): TrainingRequest => {
  next += 1;
  return { data, backbone: { name: 'tiny' }, strategy: { name: 'fine-tune-deep' }, epochs: 2, seed: 3, out: join(work, `out-${next}`), ...further };
};

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'cultivar-augmentations-'));
  kernel = await tinyKernel();
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

describe('augmentations of a run that was told of none', () => {
  it('leave out what makes images others for the solved classifier, say so, and stand in the bundle', async () => {
    const before = tf.memory().numTensors;
    const data = await drawHalves(join(work, 'left-right'), true);
    const services = listening();
    const { bundle } = await train(kernel, request(data), services);
    expect(services.lines.join('\n')).toMatch(/Augmentation flip is left out: copies of training images have a log-loss of/);
    const { augmentations = [], techniques = [], request: record } = await readManifest(bundle);
    expect(augmentations.map(({ name }) => name)).not.toContain('flip');
    expect(techniques.filter(({ kind }) => kind === 'augmentation').map(({ name }) => name)).toEqual(augmentations.map(({ name }) => name));
    // Nobody asked for any: a run that repeats it finds out again.
    expect(record).not.toHaveProperty('augmentations');
    expect(tf.memory().numTensors).toBe(before);
  });

  it('keep what leaves them as they are, with all options in the bundle', async () => {
    const { bundle } = await train(kernel, request(await drawHalves(join(work, 'up-down'), false)), listening());
    expect((await readManifest(bundle)).augmentations).toContainEqual({ name: 'flip', horizontal: 0.5, vertical: 0 });
  });

  it('are those asked for, whatever they do', async () => {
    const data = await drawHalves(join(work, 'asked'), true);
    const services = listening();
    const { bundle } = await train(kernel, request(data, { augmentations: [{ name: 'flip' }] }), services);
    expect((await readManifest(bundle)).augmentations).toMatchObject([{ name: 'flip' }]);
    expect(services.lines.join('\n')).not.toContain('left out');
  });

  it('are found out once, before the first phase that trains, and a run that is resumed goes on with them', async () => {
    const data = await drawHalves(join(work, 'resumed'), true);
    const through = await train(kernel, request(data), listening());
    const stop = new AbortController();
    const broken = request(data);
    const services = listening(stop.signal);
    const emit = (event: Parameters<NonNullable<typeof services.emit>>[0]) => {
      if (event.type === 'epoch' && event.record.phase === 'fine-tune') stop.abort();
    };
    await expect(train(kernel, broken, { ...services, emit })).rejects.toMatchObject({ code: 'RUN_ABORTED' });
    const again = listening();
    expect(weightsOf((await train(kernel, { ...broken, resume: true }, again)).bundle)).toBe(weightsOf(through.bundle));
    expect(again.lines.join('\n')).not.toContain('left out');
  });
});
