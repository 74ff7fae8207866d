import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Kernel } from '@cultivar/kernel';
import { definePlugin, strategy, type FreezePlan } from '@cultivar/sdk';
import type { TrainingRequest } from '@cultivar/training';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import '../../../../test/conformance/backend.js';
import { drawDataset } from '../../../../test/support/drawn-images.js';
import { listening, tinyKernel } from '../../../../test/support/tiny-training.js';
import { parseSearch } from './search-space.js';
import type { FinishedTrial, Trial, TrialOutcome, TrialRunner } from './trial.js';
import { tune, type TuneOptions } from './tune.js';

@strategy({ name: 'grow', summary: 'Train the last stage from a solved head' })
class Grow {
  plan(): FreezePlan {
    return {
      reasons: ['a test'],
      phases: [{ kind: 'train', name: 'last', from: 'stage-1', epochs: 2, batchSize: 8, learningRate: 0.003, rates: {}, views: 1, batchNorm: 'frozen' }],
    };
  }
}

/** Answers by a formula: the loss is lowest at a rate of 2e-3, a batch of 16 and a decay of 1e-4, and falls with the epochs. */
class Formula implements TrialRunner {
  readonly trials: Trial[] = [];
  constructor(private readonly learns = true, private readonly until = Infinity) {}

  async run(trial: Trial): Promise<TrialOutcome> {
    if (this.trials.length >= this.until) throw new Error('the power failed');
    this.trials.push(trial);
    const { learningRate = 1e-4, batchSize = 16, epochs = 6, optimizer } = trial.settings;
    const decay = Number(optimizer?.['weightDecay'] ?? 0);
    const loss = learningRate > 0.05 ? Infinity
      : 0.1 + 0.1 * Math.abs(Math.log10(learningRate / 2e-3)) + 0.02 * Math.abs(Math.log2(batchSize / 16)) + 0.01 * Math.abs(Math.log10((decay + 1e-6) / 1e-4)) + 1 / epochs;
    return { loss, accuracy: 0.5, trainLoss: trial.data === undefined ? loss : this.learns ? 0.001 : 0.6, seconds: 1 };
  }
}

let work: string;
let data: string;
let kernel: Kernel;
let next = 0;
const request = (): TrainingRequest => ({ data, backbone: { name: 'tiny' }, strategy: { name: 'grow' }, seed: 3, out: '' });
const options = (further: Partial<TuneOptions>): TuneOptions => {
  next += 1;
  return { method: 'random', out: join(work, `out-${next}`), ...further };
};

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'cultivar-tune-'));
  data = await drawDataset(join(work, 'shapes'), { perClass: 14 });
  kernel = await tinyKernel(definePlugin({ name: 'growing', contributions: [Grow] }));
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

describe('tuning in the order of the lectures', () => {
  it('learns two classes by heart, finds the rate by tens and then finer, then the batch size, then the decay', async () => {
    const runner = new Formula();
    const { best, trials } = await tune(kernel, request(), listening(), options({ method: 'lecture', runner }));
    expect([...new Set(trials.map(({ purpose }) => purpose))]).toEqual(['by heart', 'rate, by ten', 'rate, finer', 'batch size', 'weight decay']);
    expect(best.settings).toMatchObject({ learningRate: 2e-3, batchSize: 16, optimizer: { name: 'adam', weightDecay: 1e-4 } });
    const subset = readFileSync(join(work, `out-${next}`, 'trials.jsonl'), 'utf8').split('\n').filter((line) => line.includes('"data"'));
    expect(subset).toHaveLength(1);
  });

  it('ends where nothing can be learned by heart', async () => {
    await expect(tune(kernel, request(), listening(), options({ method: 'lecture', runner: new Formula(false) }))).rejects.toMatchObject({ code: 'TUNE_LEARNS_NOTHING' });
  });
});

describe('searching', () => {
  const space = parseSearch(['learningRate=log:1e-5..1e-1', 'batchSize=8|16|32']);

  it('at random finds the lowest of what it tried; a trial that diverged is one of them', async () => {
    const runner = new Formula();
    const { best, trials } = await tune(kernel, request(), listening(), options({ runner, space, trials: 40 }));
    expect(trials).toHaveLength(40);
    expect(best.outcome.loss).toBe(Math.min(...trials.map(({ outcome }) => outcome.loss)));
    expect(trials.some(({ outcome }) => outcome.loss === Infinity)).toBe(true);
    expect(Math.abs(Math.log10(best.settings.learningRate! / 2e-3))).toBeLessThan(0.5);
  });

  it('by halving gives more epochs to fewer', async () => {
    const runner = new Formula();
    const { best } = await tune(kernel, request(), listening(), options({ method: 'halving', runner, space, trials: 9, epochs: 9 }));
    expect(runner.trials.map(({ settings }) => settings.epochs)).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1, 3, 3, 3, 9]);
    expect(best.settings.epochs).toBe(9);
  });

  it('goes on where it was broken off: what has ended is not run again, a line that was cut off is', async () => {
    const wanted = options({ runner: new Formula(true, 5), space, trials: 8 });
    await expect(tune(kernel, request(), listening(), wanted)).rejects.toThrow('the power failed');
    const path = join(wanted.out, 'trials.jsonl');
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.slice(0, -20));
    const later = new Formula();
    const { best, trials } = await tune(kernel, request(), listening(), { ...wanted, runner: later, resume: true });
    expect(later.trials).toHaveLength(4);
    expect(trials).toHaveLength(8);
    const whole = await tune(kernel, request(), listening(), options({ runner: new Formula(), space, trials: 8 }));
    expect(best).toEqual(whole.best);
  });

  it('refuses a folder that holds something, a space without settings, and trials that all diverge', async () => {
    const wanted = options({ runner: new Formula(), space, trials: 1 });
    await tune(kernel, request(), listening(), wanted);
    await expect(tune(kernel, request(), listening(), wanted)).rejects.toMatchObject({ code: 'OUTPUT_EXISTS' });
    await expect(tune(kernel, request(), listening(), options({ resume: true }))).rejects.toMatchObject({ code: 'RESUME_NOTHING' });
    const unmade = options({});
    await expect(tune(kernel, request(), listening(), unmade)).rejects.toMatchObject({ code: 'SEARCH_INVALID' });
    expect(existsSync(unmade.out)).toBe(false);
    const hot = parseSearch(['learningRate=0.5|0.7']);
    await expect(tune(kernel, request(), listening(), options({ runner: new Formula(), space: hot, trials: 2 }))).rejects.toMatchObject({ code: 'TUNE_NO_RESULT' });
  });
});

describe('on this machine', () => {
  it('trials are real trainings on shared features, and leave nothing but their record', async () => {
    const wanted = options({ space: parseSearch(['learningRate=0.0001|0.01']), trials: 3, epochs: 1 });
    const { best, trials } = await tune(kernel, request(), listening(), wanted);
    expect(best.outcome.loss).toBeGreaterThan(0);
    expect(trials).toHaveLength(3);
    expect(existsSync(join(wanted.out, '.work'))).toBe(false);
    expect(existsSync(join(wanted.out, 'trials.jsonl'))).toBe(true);
  });

  it('stopped in its first trial it names its own folder, and goes on there to the same best', async () => {
    const wanted = options({ space: parseSearch(['learningRate=0.0001|0.01', 'batchSize=8|16']), trials: 2, epochs: 2 });
    const abort = new AbortController();
    const progress = { start: (label: string) => { if (label.includes('epoch 2')) abort.abort(); return { advance() {}, finish() {} }; } };
    await expect(tune(kernel, request(), { ...listening(abort.signal), progress }, wanted)).rejects.toMatchObject({ code: 'RUN_ABORTED', mend: expect.stringContaining(`--resume --out ${wanted.out}.`) });
    const resumed = await tune(kernel, request(), listening(), { ...wanted, resume: true });
    const whole = await tune(kernel, request(), listening(), { ...wanted, out: options({}).out });
    const figures = ({ outcome: { seconds: _, ...outcome }, settings }: FinishedTrial) => ({ outcome, settings });
    expect(resumed.trials.map(figures)).toEqual(whole.trials.map(figures));
  });

  it('trials of another request are other trials', async () => {
    const wanted = options({ runner: new Formula(), space: parseSearch(['batchSize=8|16']), trials: 1 });
    await tune(kernel, request(), listening(), wanted);
    const later = new Formula();
    await tune(kernel, { ...request(), backbone: { name: 'tiny', seed: 2 } }, listening(), { ...wanted, runner: later, resume: true });
    expect(later.trials).toHaveLength(1);
  });

  it('the subset for learning by heart is a dataset that trains', async () => {
    const wanted = options({ method: 'lecture', epochs: 1 });
    const outcome = await tune(kernel, request(), listening(), wanted).catch((error: unknown) => error);
    expect(outcome instanceof Error ? (outcome as Error & { code: string }).code : 'tuned').toMatch(/^(tuned|TUNE_LEARNS_NOTHING)$/);
    expect(readFileSync(join(wanted.out, 'trials.jsonl'), 'utf8')).toContain('by heart');
  });
});
