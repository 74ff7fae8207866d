import '../../../../test/conformance/backend.js';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Kernel } from '@cultivar/kernel';
import * as tf from '@tensorflow/tfjs-core';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { drawDataset } from '../../../../test/support/drawn-images.js';
import { listening, tinyKernel } from '../../../../test/support/tiny-training.js';
import { drawCurves } from '../optimizers/draw-curves.js';
import { trainingCurves } from '../optimizers/training-curves.js';
import studyPlugin from '../plugin.js';
import { drawRates } from './draw-rates.js';
import { findRate, powersOfTen, suggest } from './find-rate.js';

let work: string;
let data: string;
let kernel: Kernel;
const request = () => ({ data, backbone: { name: 'tiny' }, strategy: { name: 'fresh-head' }, batchSize: 8, seed: 3 });
const trial = (rate: number, validationLoss: number | null) => ({ rate, loss: validationLoss, validationLoss, validationAccuracy: 1 });
beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'cultivar-find-rate-'));
  data = await drawDataset(join(work, 'shapes'), { perClass: 12 });
  kernel = await tinyKernel(studyPlugin);
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

describe('find-rate', () => {
  it('suggests a rate within its range, that trains, and draws both searches', async () => {
    const before = tf.memory().numTensors;
    const study = await findRate(kernel, { ...request(), strategy: { name: 'fine-tune-top' } }, listening(), { from: 1e-4, to: 1, rangeEpochs: 3, sweepEpochs: 1 });
    expect(tf.memory().numTensors).toBe(before);
    expect(study.sweep.map(({ rate }) => rate)).toEqual([1e-4, 1e-3, 1e-2, 1e-1, 1]);
    expect(study.range.length).toBeGreaterThan(10);
    const rates = study.range.map(({ learningRate }) => learningRate);
    expect(rates[0]).toBeCloseTo(1e-4 * 1e4 ** (0.5 / rates.length), 8);
    expect([...rates].sort((a, b) => a - b)).toEqual(rates);
    const best = study.sweep.reduce((one, other) => ((other.validationLoss ?? Infinity) < (one.validationLoss ?? Infinity) ? other : one));
    expect([best.rate, best.rate / 3]).toContain(study.suggestion);
    const pictures = drawRates(study);
    expect(Object.keys(pictures)).toEqual(['range-test.svg', 'rate-sweep.svg']);
    for (const picture of Object.values(pictures)) expect(picture).toContain('suggested:');
  });

  it('suggests none where every rate ruins the model, and draws none', async () => {
    const study = await findRate(kernel, request(), listening(), { from: 1e4, to: 1e5, rangeEpochs: 1, sweepEpochs: 1 });
    expect(study).toMatchObject({ suggestion: null, reason: expect.stringContaining('worse than guessing') });
    for (const picture of Object.values(drawRates(study))) expect(picture).not.toMatch(/suggested:|NaN|null/);
  });

  it('says that a strategy has no steps', async () => {
    await expect(findRate(kernel, { ...request(), strategy: { name: 'linear-probe' } }, listening())).rejects.toMatchObject({ code: 'PLAN_INVALID' });
  });

  it('solves the classifier that a fine-tune begins with, and computes the frozen stages, once for all rates', async () => {
    const labels: string[] = [];
    const progress = { start: (label: string) => { labels.push(label); return { advance() {}, finish() {} }; } };
    const { sweep } = await findRate(kernel, { ...request(), strategy: { name: 'fine-tune-top' } }, { ...listening(), progress }, { from: 1e-4, to: 1e-2, rangeEpochs: 1, sweepEpochs: 1 });
    expect(sweep).toHaveLength(3);
    for (const once of ['Computing features', 'Solving the classifier', 'Frozen stages']) expect([once, labels.filter((label) => label === once).length]).toEqual([once, 1]);
    expect(labels.filter((label) => label.startsWith('fine-tune, epoch 1'))).toHaveLength(4);
  });

  it('stops when it is told to, and says nothing of a run that could be resumed: it keeps none', async () => {
    await expect(findRate(kernel, request(), { ...listening(), signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'STUDY_ABORTED' });
    const abort = new AbortController();
    const progress = { start: (label: string) => { if (label.includes('epoch 2')) abort.abort(); return { advance() {}, finish() {} }; } };
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith('cultivar-rate-'));
    const error = await findRate(kernel, request(), { ...listening(abort.signal), progress }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'STUDY_ABORTED', mend: expect.not.stringContaining('--resume') });
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('cultivar-rate-'))).toEqual(before);
  });

  it('takes the best of the sweep, a third where the range test broke down nearby, and does not mind divergence', () => {
    const sweep = [trial(0.01, 2), trial(0.1, 1), trial(1, null)];
    expect(suggest(sweep, { lowest: 0.2, limit: 5 }).suggestion).toBe(0.1);
    expect(suggest(sweep, { lowest: 0.2 }).suggestion).toBe(0.1);
    expect(suggest(sweep, { lowest: 0.2 }).reason).not.toContain('edge');
    expect(suggest(sweep.slice(0, 2), { lowest: 0.2 }).reason).toContain('edge');
    expect(suggest(sweep, { lowest: 0.2, limit: 0.5 }).suggestion).toBeCloseTo(0.1 / 3, 12);
    expect(suggest([trial(1, null)], { lowest: 0.2 }).suggestion).toBeCloseTo(0.02, 12);
    expect(powersOfTen(2e-4, 0.1)).toEqual([1e-3, 1e-2, 1e-1]);
  });

  it('tries the middle of a range that holds no power of ten, and says where even the best rate ruins the model', () => {
    expect(powersOfTen(0.2, 0.5)).toEqual([0.32]);
    expect(powersOfTen(0.1, 0.1)).toEqual([0.1]);
    for (const range of [{ lowest: 10 }, { lowest: 10, limit: 12 }]) expect(suggest([trial(10, 5), trial(100, 9)], range, Math.log(3))).toEqual({ suggestion: null, reason: expect.stringContaining('worse than guessing (1.0986)') });
    expect(suggest([trial(10, 1), trial(100, 9)], { lowest: 10 }, Math.log(3)).reason).not.toContain('guessing');
  });
});

describe('training curves', () => {
  it('go down, each optimizer at the best of its rates', async () => {
    const before = tf.memory().numTensors;
    const curves = await trainingCurves(kernel, [{ name: 'sgd' }, { name: 'adam' }], { ...request(), epochs: 2 }, listening());
    expect(tf.memory().numTensors).toBe(before);
    expect(curves.map(({ optimizer }) => optimizer)).toEqual(['sgd', 'adam']);
    for (const { steps, epochs, rate, tried } of curves) {
      expect(tried.map((one) => one.rate)).toEqual([1e-4, 1e-3, 1e-2, 1e-1]);
      expect(Math.min(...tried.map(({ loss }) => loss ?? Infinity))).toBe(steps.at(-1)!.smoothed);
      expect(tried.find((one) => one.rate === rate)!.loss).toBe(steps.at(-1)!.smoothed);
      expect(steps.at(-1)!.smoothed).toBeLessThan(steps[0]!.smoothed);
      expect(epochs).toHaveLength(2);
    }
    expect(Object.keys(drawCurves(curves))).toEqual(['training-loss.svg', 'validation-loss.svg']);
  });

  it('of an optimizer that diverges at every rate are there, and say so', async () => {
    const services = listening();
    const curves = await trainingCurves(kernel, [{ name: 'adadelta', rate: 1e38 }, { name: 'sgd' }], { ...request(), epochs: 2 }, services);
    expect(curves.map(({ optimizer, rate }) => [optimizer, rate === null])).toEqual([['adadelta:rate=1e+38', true], ['sgd', false]]);
    expect(services.lines.filter((line) => line.includes('diverged at every rate'))).toHaveLength(1);
    for (const svg of Object.values(drawCurves(curves))) expect(svg).not.toMatch(/NaN|undefined|null/);
  });
});
