import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Kernel } from '@cultivar/kernel';
import { definePlugin, strategy, type ContributionReference, type FreezePlan } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import '../../../../test/conformance/backend.js';
import { drawDataset } from '../../../../test/support/drawn-images.js';
import { listening, tinyKernel, weightsOf } from '../../../../test/support/tiny-training.js';
import { evaluateBundle } from '../bundle/evaluate-bundle.js';
import type { TrainingResult } from '../result.js';
import { train } from '../train.js';

/** Nothing is solved first, so that any training is kept. */
@strategy({ name: 'drawn', summary: 'Train the last stages from a drawn head' })
class Drawn {
  plan(): FreezePlan {
    return { reasons: ['a test'], phases: [{ kind: 'train', name: 'last', from: 'stage-2', epochs: 3, batchSize: 8, learningRate: 0.02, rates: { head: 1, 'stage-2': 0.1 }, views: 1, batchNorm: 'frozen' }] };
  }
}

const polyak: ContributionReference = { name: 'polyak', of: { name: 'adam' }, average: 'running' };
let work: string;
let data: string;
let kernel: Kernel;
let next = 0;
const request = (optimizer: ContributionReference, further: object = {}) => {
  next += 1;
  return { data, backbone: { name: 'tiny' }, strategy: { name: 'drawn' }, optimizer, seed: 3, out: join(work, `out-${next}`), ...further };
};
const essence = ({ metrics, history, bundle }: TrainingResult) => ({ metrics, weights: weightsOf(bundle), history: history.map((record) => ({ ...record, seconds: 0 })) });
const losses = ({ history }: TrainingResult, of: 'loss' | 'validationLoss') => history.map((record) => record[of]);

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'cultivar-averaged-'));
  data = await drawDataset(join(work, 'shapes'), { perClass: 12 });
  kernel = await tinyKernel(definePlugin({ name: 'drawn', contributions: [Drawn] }));
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

describe('a run with averaged weights', () => {
  it('trains the raw weights, and measures and bundles the average', async () => {
    const before = tf.memory().numTensors;
    const raw = await train(kernel, request({ name: 'adam' }), listening());
    const averaged = await train(kernel, request(polyak), listening());
    expect(tf.memory().numTensors).toBe(before);
    expect(losses(averaged, 'loss')).toEqual(losses(raw, 'loss'));
    losses(averaged, 'validationLoss').forEach((loss, epoch) => expect(loss).not.toBe(losses(raw, 'validationLoss')[epoch]));
    expect(weightsOf(averaged.bundle)).not.toBe(weightsOf(raw.bundle));
    // What was measured is what the bundle computes: accuracy does not depend on its temperature.
    const whole = await evaluateBundle(kernel, averaged.bundle, data, listening());
    expect(whole.images).toBe(36);
    const best = Math.min(...losses(averaged, 'validationLoss'));
    expect(averaged.history.some(({ validationLoss, validationAccuracy }) => validationLoss === best && validationAccuracy === averaged.metrics.accuracy)).toBe(true);
  });

  it('goes on to the same where it was stopped', async () => {
    const reference = essence(await train(kernel, request(polyak), listening()));
    const abort = new AbortController();
    const own = request(polyak);
    const stop = { ...listening(abort.signal), emit: ({ type }: { type: string }) => { if (type === 'epoch') abort.abort(); } };
    await expect(train(kernel, own, stop)).rejects.toMatchObject({ code: 'RUN_ABORTED' });
    expect(essence(await train(kernel, { ...own, resume: true }, listening()))).toEqual(reference);
  });
});
