import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Kernel } from '@cultivar/kernel';
import type { TrainingRequest } from '@cultivar/training';
import * as tf from '@tensorflow/tfjs-core';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import '../../../../test/conformance/backend.js';
import { drawDataset } from '../../../../test/support/drawn-images.js';
import { listening, tinyKernel } from '../../../../test/support/tiny-training.js';
import { crossValidate } from './cross-validation.js';
import { drawLearningCurve } from './draw-learning-curve.js';
import { learningCurve } from './learning-curve.js';

let work: string;
let data: string;
let kernel: Kernel;
let next = 0;
const request = (): TrainingRequest => {
  next += 1;
  return { data, backbone: { name: 'tiny' }, strategy: { name: 'linear-probe' }, seed: 3, out: join(work, `out-${next}`) };
};

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'cultivar-validation-'));
  data = await drawDataset(join(work, 'shapes'), { perClass: 12 });
  kernel = await tinyKernel();
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

describe('cross-validation', () => {
  it('judges every image once, by a model that did not see it', async () => {
    const before = tf.memory().numTensors;
    const wanted = request();
    const { folds, pooled, accuracy } = await crossValidate(kernel, wanted, 3, listening());
    expect(tf.memory().numTensors).toBe(before);
    expect(folds).toHaveLength(3);
    expect(pooled.images).toBe(folds.reduce((sum, { images }) => sum + images, 0));
    const right = folds.reduce((sum, fold) => sum + fold.accuracy * fold.images, 0);
    expect(pooled.accuracy).toBeCloseTo(right / pooled.images, 9);
    const mean = folds.reduce((sum, fold) => sum + fold.accuracy, 0) / 3;
    expect(accuracy.mean).toBeCloseTo(mean, 9);
    expect(accuracy.standardDeviation).toBeCloseTo(Math.sqrt(folds.reduce((sum, fold) => sum + (fold.accuracy - mean) ** 2, 0) / 2), 9);
    expect(existsSync(join(wanted.out, 'fold-3', 'model.json'))).toBe(true);
  });

  it('takes the folds that the data bring', async () => {
    const files = ['checks', 'discs', 'stripes'].flatMap((label) => Array.from({ length: 12 }, (_, index) => `${label}/${String(index).padStart(3, '0')}.png,${label},${'abc'[index % 3]}`));
    const table = join(data, 'folds.csv');
    writeFileSync(table, ['path,label,fold', ...files].join('\n'));
    await expect(crossValidate(kernel, { ...request(), data: table }, 5, listening())).rejects.toMatchObject({ code: 'DATA_FOLDS', message: expect.stringContaining('3 folds of their own (a, b, c') });
    const { folds, pooled } = await crossValidate(kernel, { ...request(), data: table }, undefined, listening());
    expect(folds.map(({ images }) => images)).toEqual([12, 12, 12]);
    expect(pooled.images).toBe(36);
  });

  it('goes on after the folds that are done', async () => {
    const wanted = request();
    const abort = new AbortController();
    const services = listening(abort.signal);
    let plans = 0;
    services.emit = ({ type }) => {
      if (type === 'plan') plans += 1;
      if (plans === 2) abort.abort();
    };
    await expect(crossValidate(kernel, wanted, 3, services)).rejects.toMatchObject({ code: 'RUN_ABORTED', mend: expect.stringContaining(`--resume --out ${wanted.out}.`) });
    const later = listening();
    const resumed = await crossValidate(kernel, { ...wanted, resume: true }, 3, later);
    expect(later.events.filter(({ type }) => type === 'plan')).toHaveLength(2);
    expect(resumed.pooled).toEqual((await crossValidate(kernel, request(), 3, listening())).pooled);
  });

  it('is not resumed with other settings, other folds or other images: folds that are done would be taken for those of another study', async () => {
    const photos = await drawDataset(join(work, 'changing'), { perClass: 6 });
    const wanted = { ...request(), data: photos };
    const abort = new AbortController();
    const services = listening(abort.signal);
    services.emit = ({ type }) => { if (type === 'probabilities') abort.abort(); };
    await expect(crossValidate(kernel, wanted, 3, services)).rejects.toMatchObject({ code: 'RUN_ABORTED' });
    const again = { ...wanted, resume: true };
    await crossValidate(kernel, again, 3, listening());
    for (const [other, folds] of [[{ seed: 9 }, 3], [{ strategy: { name: 'stage-probe' } }, 3], [{}, 2]] as const) {
      await expect(crossValidate(kernel, { ...again, ...other }, folds, listening())).rejects.toMatchObject({ code: 'RESUME_MISMATCH' });
    }
    rmSync(join(wanted.out, 'fold-3'), { recursive: true });
    await drawDataset(photos, { perClass: 1, from: 90 });
    await expect(crossValidate(kernel, again, 3, listening())).rejects.toMatchObject({ code: 'RESUME_MISMATCH', message: expect.stringContaining('images have changed') });
  });

  it('takes no fold that is damaged', async () => {
    const wanted = request();
    const fold = (number: number, name: string) => join(wanted.out, `fold-${number}`, name);
    const whole = await crossValidate(kernel, wanted, 2, listening());
    const again = async () => {
      const services = listening();
      const { pooled } = await crossValidate(kernel, { ...wanted, resume: true }, 2, services);
      return { pooled, plans: services.events.filter(({ type }) => type === 'plan').length, said: services.lines.filter((line) => line.includes('is damaged')) };
    };
    expect(await again()).toEqual({ pooled: whole.pooled, plans: 0, said: [] });
    for (const name of ['answers.json', 'cultivar.json', 'model.json', 'weights.bin']) {
      const bytes = readFileSync(fold(2, name));
      bytes[bytes.length >> 1]! ^= 1;
      writeFileSync(fold(2, name), bytes);
      expect([name, await again()]).toEqual([name, { pooled: whole.pooled, plans: 1, said: [expect.stringMatching(/The fold is trained again\. \[(?:RUN_DAMAGED|BUNDLE_\w+)\]$/)] }]);
    }
    rmSync(fold(1, 'cultivar.json'));
    expect(await again()).toMatchObject({ pooled: whole.pooled, plans: 1 });
  });

  it('refuses more folds than a class has images, and a folder that is there', async () => {
    await expect(crossValidate(kernel, request(), 20, listening())).rejects.toMatchObject({ code: 'DATA_TOO_FEW' });
    await expect(crossValidate(kernel, { ...request(), out: work }, 2, listening())).rejects.toMatchObject({ code: 'OUTPUT_EXISTS' });
  });
});

describe('a learning curve', () => {
  it('is measured on the same validation images at every point', async () => {
    const points = await learningCurve(kernel, request(), [2, 5, 9], listening());
    expect(points.map(({ perClass }) => perClass)).toEqual([2, 5, 9]);
    for (const { accuracy, low, high } of points) {
      expect(low).toBeLessThanOrEqual(accuracy);
      expect(high).toBeGreaterThanOrEqual(accuracy);
    }
    expect(points[0]!.images).toBeLessThan(points[2]!.images);
    expect(drawLearningCurve(points)).toMatch(/^<svg/);
  });

  it('computes the features of no image that it does not use, of the others once, and comes to what each size comes to alone', async () => {
    const computed: number[] = [];
    const progress = { start: (label: string, total = 0) => { if (label === 'Computing features') computed.push(total); return { advance() {}, finish() {} }; } };
    const wanted = { ...request(), validation: 0.25 };
    const [small, large] = await learningCurve(kernel, wanted, [2, 5], { ...listening(), progress });
    // Three classes: two images of each and the nine validation images, then three more of each. Of 36.
    expect(computed).toEqual([3 * 2 + 9, 3 * 3]);
    const [alone] = await learningCurve(kernel, { ...wanted, out: request().out }, [5], listening());
    expect(alone).toEqual(large);
    expect(small!.images).toBe(6);
  });

  it('ends where there are no more images', async () => {
    const services = listening();
    const points = await learningCurve(kernel, { ...request(), validation: 0.25 }, [3, 9, 20, 40], services);
    expect(points.map(({ perClass, images }) => [perClass, images])).toEqual([[3, 9], [9, 27]]);
    expect(services.lines).toContain('No class has more than 9 images to train on: 20, 40 of each class would be the same again.');
  });

  it('that was stopped goes on, and says how', async () => {
    const abort = new AbortController();
    const services = listening(abort.signal);
    services.emit = ({ type }) => { if (type === 'evaluation') abort.abort(); };
    const wanted = request();
    await expect(learningCurve(kernel, wanted, [2, 5], services)).rejects.toMatchObject({ code: 'RUN_ABORTED', mend: expect.stringContaining(`--resume --out ${wanted.out}.`) });
    expect(await learningCurve(kernel, { ...wanted, resume: true }, [2, 5], listening())).toEqual(await learningCurve(kernel, request(), [2, 5], listening()));
  });
});
