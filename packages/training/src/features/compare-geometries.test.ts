import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { geometriesOf } from '@cultivar/data';
import type { Kernel } from '@cultivar/kernel';
import { definePlugin, strategy, type FreezePlan } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import '../../../../test/conformance/backend.js';
import { drawDataset } from '../../../../test/support/drawn-images.js';
import { listening, tinyKernel, weightsOf } from '../../../../test/support/tiny-training.js';
import { evaluateBundle } from '../bundle/evaluate-bundle.js';
import { readManifest } from '../bundle/manifest.js';
import type { TrainingRequest } from '../request.js';
import { train } from '../train.js';

@strategy({ name: 'solve-and-tune', summary: 'Solve on two stages, train the upper one' })
class SolveAndTune {
  plan(): FreezePlan {
    return { reasons: ['a test'], phases: [
      { kind: 'solve', name: 'solve', candidates: [['stage-2', 'stage-0']] },
      { kind: 'train', name: 'tune', from: 'stage-1', epochs: 3, batchSize: 8, learningRate: 0.002, rates: { head: 1 }, views: 2, batchNorm: 'frozen', keep: 'last' },
    ] };
  }
}

/** Wide images whose class shows at the left and right edge alone, where the middle square never looks. */
async function drawWide(folder: string): Promise<string> {
  let seed = 1;
  const noise = () => (seed = (seed * 16807) % 2147483647) % 120;
  for (const [split, count] of [['train', 16], ['val', 8]] as const) {
    for (const [label, channel] of [['red', 0], ['blue', 2]] as const) {
      mkdirSync(join(folder, split, label), { recursive: true });
      for (let index = 0; index < count; index += 1) {
        const pixels = Buffer.alloc(96 * 32 * 3);
        for (let at = 0; at < pixels.length; at += 1) {
          const column = Math.floor(at / 3) % 96;
          pixels[at] = noise() + (at % 3 === channel && (column < 24 || column >= 72) ? 100 : 0);
        }
        writeFileSync(join(folder, split, label, `${index}.png`), await sharp(pixels, { raw: { width: 96, height: 32, channels: 3 } }).png().toBuffer());
      }
    }
  }
  return folder;
}

let work: string;
let wide: string;
let kernel: Kernel;
let next = 0;
const request = (further: Partial<TrainingRequest> = {}): TrainingRequest => {
  next += 1;
  return { data: wide, backbone: { name: 'tiny', looks: 2 }, strategy: { name: 'linear-probe' }, seed: 3, out: join(work, `out-${next}`), ...further };
};

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'cultivar-geometries-'));
  wide = await drawWide(join(work, 'wide'));
  kernel = await tinyKernel(definePlugin({ name: 'tuning', contributions: [SolveAndTune] }));
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

describe('two geometries', () => {
  it('are averaged where that tells classes apart, and the bundle answers as the run measured', async () => {
    const before = tf.memory().numTensors;
    const blind = await train(kernel, request({ backbone: { name: 'tiny', looks: 2 }, data: await drawDataset(join(work, 'square'), { perClass: 12 }) }), listening());
    const { metrics, bundle, assessment } = await train(kernel, request(), listening());
    expect(metrics.accuracy).toBe(1);
    expect(assessment.geometry).toMatchObject({ averaged: true, images: 32, reasons: [expect.stringContaining('in two ways')] });
    expect(assessment.geometry!.both.loss).toBeLessThan(0.5 * assessment.geometry!.one.loss);
    const { preprocessing } = await readManifest(bundle);
    expect(geometriesOf(preprocessing)).toMatchObject([{ resize: 'crop', cropFraction: 0.875 }, { resize: 'stretch' }]);
    const again = await evaluateBundle(kernel, bundle, wide, listening());
    expect(again.loss).toBeCloseTo(metrics.loss, 4);
    expect(blind.assessment.geometry).toBeDefined();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('are not, where one shows all there is to see', async () => {
    const narrow = join(work, 'narrow');
    for (const split of ['train', 'val']) for (const label of ['dark', 'light']) {
      mkdirSync(join(narrow, split, label), { recursive: true });
      for (let index = 0; index < 10; index += 1) {
        const level = (label === 'dark' ? 40 : 180) + 4 * index + (split === 'val' ? 2 : 0);
        writeFileSync(join(narrow, split, label, `${index}.png`), await sharp({ create: { width: 40, height: 40, channels: 3, background: { r: level, g: level, b: 90 } } }).png().toBuffer());
      }
    }
    const { assessment, bundle } = await train(kernel, request({ data: narrow }), listening());
    expect(assessment.geometry).toMatchObject({ averaged: false, reasons: [expect.stringContaining('in one way')] });
    expect((await readManifest(bundle)).preprocessing).not.toHaveProperty('second');
  });

  it('are both trained on and measured with, by the phases that train, and a run that is resumed comes to the same', async () => {
    const before = tf.memory().numTensors;
    const tune = { strategy: { name: 'solve-and-tune' } };
    const whole = await train(kernel, request(tune), listening());
    expect((await evaluateBundle(kernel, whole.bundle, wide, listening())).loss).toBeCloseTo(whole.metrics.loss, 3);
    for (const augmentations of [undefined, []]) {
      const through = await train(kernel, request({ ...tune, augmentations }), listening());
      const stop = new AbortController();
      const broken = request({ ...tune, augmentations });
      const services = listening(stop.signal);
      const emit = (event: Parameters<NonNullable<typeof services.emit>>[0]) => {
        if (event.type === 'step' && event.step === 7) stop.abort();
      };
      await expect(train(kernel, broken, { ...services, emit })).rejects.toMatchObject({ code: 'RUN_ABORTED' });
      const resumed = await train(kernel, { ...broken, resume: true }, listening());
      expect(weightsOf(resumed.bundle)).toBe(weightsOf(through.bundle));
      expect(resumed.assessment.geometry).toMatchObject({ averaged: true });
    }
    expect(tf.memory().numTensors).toBe(before);
  });
});
