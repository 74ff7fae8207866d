import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Kernel } from '@cultivar/kernel';
import { definePlugin, optimizer, strategy, type FreezePlan } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import '../../../test/conformance/backend.js';
import { drawDataset, drawnImage } from '../../../test/support/drawn-images.js';
import { listening, tinyKernel, told, weightsOf } from '../../../test/support/tiny-training.js';
import { evaluateBundle } from './bundle/evaluate-bundle.js';
import { openBundle } from './bundle/open-bundle.js';
import type { TrainingRequest } from './request.js';
import type { TrainingResult } from './result.js';
import { train } from './train.js';

/** Random weights in, so any step helps: the fixture for whatever trains. */
@strategy({ name: 'grow', summary: 'Train the last stages from a drawn head, then further ones' })
class Grow {
  plan(): FreezePlan {
    const phase = { kind: 'train' as const, epochs: 2, batchSize: 8, learningRate: 0.01, rates: { head: 1, 'stage-1': 0.1 }, views: 2, batchNorm: 'train' as const };
    return { reasons: ['a test'], phases: [{ ...phase, name: 'last', from: 'stage-2' }, { ...phase, name: 'all', from: 'stage-0', batchNorm: 'frozen' }] };
  }
}

/** Solved on all stages in an odd order; then the upper two train, so that the classifier reads what moves and what does not. */
@strategy({ name: 'joined', summary: 'Solve on all stages, train the upper two' })
class Joined {
  plan(): FreezePlan {
    const phase = { kind: 'train' as const, name: 'tune', from: 'stage-1', epochs: 3, batchSize: 8, learningRate: 0.005, rates: { head: 1 }, views: 2, batchNorm: 'frozen' as const };
    return { reasons: ['a test'], phases: [{ kind: 'solve', name: 'solve', candidates: [['stage-0', 'stage-2', 'stage-1']] }, phase] };
  }
}

@optimizer({ name: 'ruin', summary: 'Makes every step a leap into nowhere' })
class Ruin {
  update({ parameter }: { parameter: tf.Tensor }) {
    return { delta: tf.mul(tf.onesLike(parameter), 50), slots: {} };
  }
}

@optimizer({ name: 'void', summary: 'Turns weights into what is no number' })
class Void {
  update({ parameter }: { parameter: tf.Tensor }) {
    return { delta: tf.div(tf.zerosLike(parameter), 0), slots: {} };
  }
}

let work: string;
let data: string;
let kernel: Kernel;
let next = 0;
const request = (further: Partial<TrainingRequest> = {}): TrainingRequest => {
  next += 1;
  return { data, backbone: { name: 'tiny' }, seed: 3, out: join(work, `out-${next}`), ...further };
};
const essence = ({ metrics, history, bundle }: TrainingResult) => ({ metrics, weights: weightsOf(bundle), history: history.map((record) => ({ ...record, seconds: 0 })) });

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'cultivar-train-'));
  data = await drawDataset(join(work, 'shapes'), { perClass: 12 });
  kernel = await tinyKernel(definePlugin({ name: 'growing', contributions: [Grow, Joined, Ruin, Void] }));
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

describe('a run', () => {
  it('solves, evaluates and leaves a bundle that gives the same numbers', async () => {
    const before = tf.memory().numTensors;
    told.length = 0;
    const services = listening();
    const result = await train(kernel, request({ strategy: { name: 'stage-probe' }, metrics: [{ name: 'surest' }], callbacks: [{ name: 'listener' }], exporters: [{ name: 'names' }] }), services);
    expect(tf.memory().numTensors).toBe(before);
    expect(result).toMatchObject({ strategy: 'stage-probe', seed: 3, setAside: [], metrics: { images: 6, split: 'validation' }, assessment: { images: 36, trainImages: 30, classes: 3, perClass: [10, 10, 10] } });
    expect(result.metrics.extra['surest']).toBeLessThanOrEqual(1);
    expect(result.metrics.confusion.flat().reduce((sum, count) => sum + count)).toBe(6);
    expect(services.events.map(({ type }) => type)).toEqual(['dataset', 'assessment', 'plan', 'phase-start', 'epoch', 'phase-end', 'probabilities', 'probabilities', 'evaluation', 'bundle']);
    expect(told).toEqual(['run start', 'stage-probe start', 'stage-probe 1', 'stage-probe end', 'export true', 'run end']);
    expect(existsSync(join(result.bundle, '.run'))).toBe(false);

    const bundle = await openBundle(kernel, result.bundle, { services: listening() });
    const canvas = new Uint8Array(16 * 16 * 3).map((_, index) => index % 251);
    const probabilities = await bundle.probabilities({ data: canvas, shape: [1, 16, 16, 3] });
    expect(probabilities.shape).toEqual([1, 3]);
    expect(probabilities.data.reduce((sum, value) => sum + value)).toBeCloseTo(1, 5);
    expect(bundle.labels).toEqual(['checks', 'discs', 'stripes']);
    await bundle.dispose();
    await bundle.dispose();
    const whole = await evaluateBundle(kernel, result.bundle, data, listening());
    expect(whole).toMatchObject({ images: 36, split: 'all' });
    expect(tf.memory().numTensors).toBe(before);
  });

  it('measures the bundle as it measured itself, on a split that the data give', async () => {
    const split = join(work, 'split');
    await drawDataset(join(split, 'train'), { perClass: 6 });
    await drawDataset(join(split, 'val'), { perClass: 3, from: 20 });
    await drawDataset(join(split, 'test'), { perClass: 4, from: 40 });
    const result = await train(kernel, request({ data: split, strategy: { name: 'linear-probe' } }), listening());
    expect(result.metrics).toMatchObject({ images: 9, split: 'validation' });
    const again = await evaluateBundle(kernel, result.bundle, split, listening());
    expect(again).toMatchObject({ ...result.test!, loss: expect.closeTo(result.test!.loss, 5), calibrationError: expect.closeTo(result.test!.calibrationError, 4), intervals: { accuracy: result.test!.intervals!.accuracy } });
  });

  it('from scratch uses nothing of the pretrained weights: other ones come to the same model', async () => {
    const before = tf.memory().numTensors;
    const scratch = { strategy: { name: 'from-scratch', epochs: 4, views: 1, batchSize: 8 } };
    const one = await train(kernel, request(scratch), listening());
    const other = await train(kernel, request({ ...scratch, backbone: { name: 'tiny', seed: 2 } }), listening());
    expect(tf.memory().numTensors).toBe(before);
    expect(weightsOf(other.bundle)).toBe(weightsOf(one.bundle));
    expect(one.history.at(-1)!.loss).toBeLessThan(one.history[0]!.loss);
  });

  it('trains: what it began with is beaten or kept', async () => {
    const before = tf.memory().numTensors;
    const services = listening();
    const result = await train(kernel, request({
      strategy: { name: 'grow' }, augmentations: [{ name: 'flip' }, { name: 'mixup' }], epochs: 6,
      regularizers: [{ name: 'l2', lambda: 1e-4 }, { name: 'dropout', rate: 0.2 }, { name: 'label-smoothing' }],
    }), services);
    expect(tf.memory().numTensors).toBe(before);
    expect(result.history.filter(({ phase }) => phase === 'last')).toHaveLength(6);
    const rates = result.history.map(({ learningRate }) => learningRate);
    expect(rates[5]).toBeLessThan(rates[0]!);
    const kept = services.lines.filter((line) => line.includes('is kept')).length;
    expect(kept).toBeGreaterThan(0);
    const whole = await evaluateBundle(kernel, result.bundle, data, listening());
    expect(whole.images).toBe(36);
  });

  it('begins a fine-tune at the classifier solved on joined stages, exactly', async () => {
    const services = listening();
    await train(kernel, request({ strategy: { name: 'joined' }, optimizer: { name: 'ruin' } }), services);
    const line = services.lines.find((one) => one.includes('is undone'))!;
    const [, best, epoch, before] = /calibrated loss ([\d.]+) after epoch (\d); before the phase [\d.]+ %, ([\d.]+)/.exec(line)!;
    expect(epoch).toBe('0');
    expect(Math.abs(Number(best) - Number(before))).toBeLessThan(2e-3);
  });

  it('fine-tunes a network whose features are beyond half precision as one whose are not', async () => {
    const losses = async (gain: number) => {
      const { history } = await train(kernel, request({ backbone: { name: 'tiny', gain }, strategy: { name: 'joined' }, optimizer: { name: 'sgd' }, augmentations: [{ name: 'flip' }], learningRate: 1e-20, keep: 'last' }), listening());
      return history.filter(({ phase }) => phase === 'tune').flatMap(({ loss, validationLoss }) => [loss, validationLoss]);
    };
    const [plain, huge] = [await losses(1), await losses(1e7)];
    expect(huge).toHaveLength(6);
    huge.forEach((loss, index) => expect(loss).toBeCloseTo(plain[index]!, 2));
  });

  it('leaves out what promises next to nothing, says so, and does it where it is asked for', async () => {
    const services = listening();
    const out = await train(kernel, request({ strategy: { name: 'fine-tune-top', worthwhileFrom: 1000 }, epochs: 2 }), { ...services, asked: ['epochs'] } as typeof services);
    expect(out.history.map(({ phase }) => phase)).toEqual(['solve']);
    expect(services.lines.join(' ')).toMatch(/Phase fine-tune is left out: the solved classifier has a log-loss of [\d.]+ in cross-validation; training pays from 1000/);
    expect(out.warnings).toMatchObject([{ code: 'SETTING_UNUSED', message: expect.stringContaining('left out') }]);
    const wanted = await train(kernel, request({ strategy: { name: 'fine-tune-top', worthwhileFrom: 1000 }, epochs: 2, keep: 'last' }), listening());
    expect(wanted.history.map(({ phase }) => phase)).toEqual(['solve', 'fine-tune', 'fine-tune']);
    const tried = await train(kernel, request({ strategy: { name: 'fine-tune-top', worthwhileFrom: 1e-6 }, epochs: 2 }), listening());
    expect(tried.history).toHaveLength(3);
  });

  it('keeps the joined stages in what it trained, and the bundle computes them', async () => {
    const before = tf.memory().numTensors;
    const services = listening();
    // A solver that stops at once leaves a classifier that is easily beaten.
    const more = await drawDataset(join(work, 'more'), { perClass: 40 });
    const result = await train(kernel, request({ data: more, strategy: { name: 'joined' }, solver: { name: 'lbfgs', maxIterations: 1 }, epochs: 8, augmentations: [] }), services);
    expect(tf.memory().numTensors).toBe(before);
    expect(services.lines.some((line) => line.includes('8 epochs of 12 steps'))).toBe(true);
    expect(services.events.filter(({ type }) => type === 'phase-end').at(-1)).toMatchObject({ kept: true });
    const { features } = JSON.parse(readFileSync(join(result.bundle, 'cultivar.json'), 'utf8')) as { features: string[] };
    expect(features).toEqual(['stage-2', 'stage-1', 'stage-0']);
    const whole = await evaluateBundle(kernel, result.bundle, more, listening());
    expect(whole.accuracy).toBeGreaterThanOrEqual(result.metrics.accuracy - 0.1);
  });

  it.each([1, 2])('of one step an epoch, %s epochs, trains, whatever the schedule', async (epochs) => {
    for (const name of ['cosine', 'warm-up']) {
      const services = listening();
      const { warnings } = await train(kernel, request({ strategy: { name: 'fine-tune-top', epochs }, schedule: { name }, batchSize: 1000, learningRate: 1e-3, keep: 'last' }), services);
      expect([name, warnings]).toEqual([name, []]);
      const steps = services.events.filter((event) => event.type === 'step');
      expect(steps).toHaveLength(epochs);
      for (const { learningRate } of steps) expect(learningRate).toBeGreaterThan(0);
    }
  });

  it('says where a phase has moved nothing, and does not call it kept', async () => {
    const services = listening();
    // Every step stands at the foot of a triangle, and the foot was asked to be zero.
    const still: Partial<TrainingRequest> = { strategy: { name: 'fine-tune-top', epochs: 2 }, batchSize: 10, schedule: { name: 'cyclic', cycles: 12, floor: 0 }, keep: 'last' };
    const result = await train(kernel, request(still), services);
    expect(result.warnings).toEqual([{ code: 'NOTHING_MOVED', message: expect.stringContaining('changed no weight') }]);
    expect(services.events.filter(({ type }) => type === 'phase-end').at(-1)).toMatchObject({ kept: false });
    expect(JSON.parse(readFileSync(join(result.bundle, 'cultivar.json'), 'utf8'))).toMatchObject({ warnings: result.warnings });
    const drawn = await train(kernel, request({ ...still, strategy: { name: 'grow' }, epochs: 2, schedule: { name: 'cyclic', cycles: 12, floor: 0 } }), listening());
    // The other phase moves the statistics of batch-norm.
    expect(drawn.warnings.map(({ message }) => message.split(' ')[1])).toEqual(['all']);
    // Its steps move weights, but the model is that of the slow ones, which move at every fifth.
    const slow = await train(kernel, request({ strategy: { name: 'fine-tune-top', epochs: 2 }, batchSize: 1000, optimizer: { name: 'lookahead' }, keep: 'last' }), listening());
    expect(slow.warnings.map(({ code }) => code)).toEqual(['NOTHING_MOVED']);
  });

  it('undoes a phase that makes it worse, and says so', async () => {
    const services = listening();
    const probe = await train(kernel, request({ strategy: { name: 'linear-probe' } }), listening());
    const result = await train(kernel, request({ strategy: { name: 'fine-tune-top', epochs: 1, views: 1 }, optimizer: { name: 'ruin' } }), services);
    expect(services.lines.some((line) => /brought nothing better and is undone/.test(line))).toBe(true);
    expect(result.metrics.loss).toBeLessThan(probe.metrics.loss * 1.5);
    expect(services.events.filter(({ type }) => type === 'phase-end').at(-1)).toMatchObject({ kept: false });
  });

  it('asked to, keeps what training ends with, however bad', async () => {
    const ruined: Partial<TrainingRequest> = { strategy: { name: 'joined' }, optimizer: { name: 'ruin' } };
    const services = listening();
    const { metrics, history } = await train(kernel, request({ ...ruined, keep: 'last' }), services);
    expect(services.events.filter(({ type }) => type === 'phase-end').at(-1)).toMatchObject({ kept: true });
    expect(metrics.accuracy).toBe(history.at(-1)!.validationAccuracy);
    expect(metrics.loss).toBeGreaterThan(2 * (await train(kernel, request(ruined), listening())).metrics.loss);
  });

  it('whose loss runs away keeps the best model', async () => {
    const out = request().out;
    await expect(train(kernel, request({ out, strategy: { name: 'fine-tune-top' }, optimizer: { name: 'void' } }), listening())).rejects.toMatchObject({ code: 'TRAINING_DIVERGED' });
    const bundle = await openBundle(kernel, join(out, '.run', 'best'), { services: listening() });
    expect(bundle.manifest.metrics.accuracy).toBeGreaterThan(0.3);
    await bundle.dispose();
  });

  it('sets aside what cannot be read or decoded, and goes on', async () => {
    const damaged = join(work, 'damaged');
    cpSync(data, damaged, { recursive: true });
    writeFileSync(join(damaged, 'discs', 'text.jpg'), 'this is no image');
    const whole = await drawnImage('discs', 77);
    const bytes = Buffer.from(whole);
    bytes.fill(0xff, Math.floor(bytes.length / 2), Math.floor(bytes.length / 2) + 40);
    writeFileSync(join(damaged, 'discs', 'torn.png'), bytes);
    const result = await train(kernel, request({ data: damaged, strategy: { name: 'linear-probe' } }), listening());
    expect(result.setAside.map(({ path }) => path).sort()).toEqual(['discs/text.jpg', 'discs/torn.png']);
    expect(result.assessment.images).toBe(36);
  });
});

describe('the same seed', () => {
  const tuned: Partial<TrainingRequest> = { strategy: { name: 'grow' }, augmentations: [{ name: 'flip' }, { name: 'cutout' }], regularizers: [{ name: 'dropout' }], epochs: 3 };
  let reference: ReturnType<typeof essence>;
  beforeAll(async () => {
    reference = essence(await train(kernel, request(tuned), listening()));
  });

  it('gives the same numbers and weights; another gives others', async () => {
    expect(essence(await train(kernel, request(tuned), listening()))).toEqual(reference);
    expect(essence(await train(kernel, request({ ...tuned, seed: 4 }), listening())).weights).not.toBe(reference.weights);
  });

  it.each([['in the first epoch', 0], ['after the first epoch', 1], ['in the second phase', 4], ['after the last epoch', 6]])('a run stopped %s goes on to the same', async (_, epochs) => {
    const before = tf.memory().numTensors;
    const abort = new AbortController();
    const services = listening(abort.signal);
    let done = 0;
    const stop = { ...services, emit: (event: { type: string }) => {
      if (event.type === 'epoch') done += 1;
      if (done >= epochs && event.type !== 'dataset' && (epochs > 0 || event.type === 'phase-start')) abort.abort();
    } };
    const { out } = request();
    await expect(train(kernel, request({ ...tuned, out }), stop)).rejects.toMatchObject({ code: 'RUN_ABORTED' });
    expect(tf.memory().numTensors).toBe(before);
    expect(existsSync(join(out, 'cultivar.json'))).toBe(false);
    const resumed = await train(kernel, request({ ...tuned, out, resume: true }), listening());
    expect(essence(resumed)).toEqual(reference);
    // Of a finished run, resuming tells the result.
    expect(essence(await train(kernel, request({ ...tuned, out, resume: true }), listening()))).toEqual(reference);
  });

  it('a run is resumed with the same request only', async () => {
    const abort = new AbortController();
    const { out } = request();
    const stop = { ...listening(abort.signal), emit: (event: { type: string }) => { if (event.type === 'phase-end') abort.abort(); } };
    await expect(train(kernel, request({ ...tuned, out }), stop)).rejects.toMatchObject({ code: 'RUN_ABORTED' });
    await expect(train(kernel, request({ ...tuned, out, resume: true, seed: 9 }), listening())).rejects.toMatchObject({ code: 'RESUME_MISMATCH' });
    await expect(train(kernel, request({ ...tuned, out }), listening())).rejects.toMatchObject({ code: 'OUTPUT_EXISTS' });
    const best = join(out, '.run', 'best', 'cultivar.json');
    expect(JSON.parse(readFileSync(best, 'utf8'))).toMatchObject({ format: 2, labels: ['checks', 'discs', 'stripes'] });
  });
});

describe('what is wrong is said, and leaves nothing behind', () => {
  it.each<[string, Partial<TrainingRequest>, string]>([
    ['an unknown strategy', { strategy: { name: 'none' } }, 'CONTRIBUTION_UNKNOWN'],
    ['an option out of its range', { regularizers: [{ name: 'dropout', rate: 3 }] }, 'OPTION_INVALID'],
    ['an engine that is not there', { engine: { name: 'abacus' } }, 'CONTRIBUTION_UNKNOWN'],
    ['data that are not there', { data: '/nowhere' }, 'DATA_NOT_FOUND'],
    ['nothing to resume', { resume: true }, 'RESUME_NOTHING'],
  ])('%s', async (_, wrong, code) => {
    const own = request(wrong);
    await expect(train(kernel, own, listening())).rejects.toMatchObject({ code });
    expect(existsSync(own.out)).toBe(false);
  });

  it('one image of a class', async () => {
    const few = join(work, 'few');
    await drawDataset(few, { perClass: 3, classes: ['checks'] });
    await drawDataset(few, { perClass: 1, classes: ['discs'] });
    const own = request({ data: few });
    await expect(train(kernel, own, listening())).rejects.toMatchObject({ code: 'DATA_TOO_FEW' });
    expect(existsSync(own.out)).toBe(false);
  });

  it('an output folder that holds something, is a file, or cannot be made', async () => {
    const full = join(work, 'full');
    mkdirSync(full);
    writeFileSync(join(full, 'mine.txt'), 'mine');
    await expect(train(kernel, request({ out: full }), listening())).rejects.toMatchObject({ code: 'OUTPUT_EXISTS' });
    await expect(train(kernel, request({ out: join(full, 'mine.txt') }), listening())).rejects.toMatchObject({ code: 'OUTPUT_EXISTS' });
    await expect(train(kernel, request({ out: '/dev/null/out' }), listening())).rejects.toMatchObject({ code: 'OUTPUT_WRITE' });
    expect(readFileSync(join(full, 'mine.txt'), 'utf8')).toBe('mine');
  });

  it('a bundle that is missing or damaged', async () => {
    await expect(openBundle(kernel, join(work, 'nowhere'), { services: listening() })).rejects.toMatchObject({ code: 'BUNDLE_NOT_FOUND' });
    const { bundle } = await train(kernel, request({ strategy: { name: 'linear-probe' } }), listening());
    writeFileSync(join(bundle, 'weights.bin'), 'short');
    await expect(openBundle(kernel, bundle, { services: listening() })).rejects.toMatchObject({ code: 'BUNDLE_DAMAGED' });
    writeFileSync(join(bundle, 'cultivar.json'), '{}');
    await expect(openBundle(kernel, bundle, { services: listening() })).rejects.toMatchObject({ code: 'BUNDLE_INVALID' });
  });
});
