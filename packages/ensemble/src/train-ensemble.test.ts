import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import ensembles from '@cultivar/ensembles';
import type { Kernel } from '@cultivar/kernel';
import { definePlugin, strategy, type FreezePlan } from '@cultivar/sdk';
import { evaluateBundle, readManifest, type TrainingRequest } from '@cultivar/training';
import { loadModel } from '@cultivar/backbone';
import * as tf from '@tensorflow/tfjs-core';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import '../../../test/conformance/backend.js';
import { drawDataset } from '../../../test/support/drawn-images.js';
import { listening, tinyKernel, weightsOf } from '../../../test/support/tiny-training.js';
import { trainEnsemble } from './train-ensemble.js';

@strategy({ name: 'grow', summary: 'Train the last stage from a solved head' })
class Grow {
  plan(): FreezePlan {
    return {
      reasons: ['a test'],
      phases: [
        { kind: 'solve', name: 'solve', candidates: [['stage-2']] },
        { kind: 'train', name: 'last', from: 'stage-2', epochs: 2, batchSize: 8, learningRate: 0.003, rates: {}, views: 1, batchNorm: 'frozen' },
      ],
    };
  }
}

@strategy({ name: 'choose', summary: 'Train the last stage from a head that is solved on the best of two sets of stages' })
class Choose {
  plan(): FreezePlan {
    const { reasons, phases: [, training] } = new Grow().plan();
    return { reasons, phases: [{ kind: 'solve', name: 'solve', candidates: [['stage-2'], ['stage-2', 'stage-1']] }, training!] };
  }
}

let work: string;
let data: string;
let kernel: Kernel;
let next = 0;
const request = (ensemble: { name: string; members: number }, further: Partial<TrainingRequest> = {}) => {
  next += 1;
  return { data, backbone: { name: 'tiny' }, strategy: { name: 'linear-probe' }, seed: 3, out: join(work, `out-${next}`), ensemble, ...further };
};

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'cultivar-ensemble-'));
  data = await drawDataset(join(work, 'shapes'), { perClass: 12 });
  kernel = await tinyKernel(ensembles, definePlugin({ name: 'growing', contributions: [Grow, Choose] }));
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

describe('an ensemble', () => {
  it('is one bundle that predicts like any other, with the backbone in it once', async () => {
    const before = tf.memory().numTensors;
    const services = listening();
    const wanted = request({ name: 'bagging', members: 4 }, { metrics: [{ name: 'surest' }] });
    const result = await trainEnsemble(kernel, wanted, services);
    expect(tf.memory().numTensors).toBe(before);
    expect(existsSync(join(result.bundle, '.run'))).toBe(false);
    const manifest = await readManifest(result.bundle);
    expect(manifest.ensemble).toMatchObject({ name: 'bagging', rule: 'average' });
    expect(manifest.ensemble!.members.map(({ share }) => share)).toEqual([0.25, 0.25, 0.25, 0.25]);
    // Enough to make it again.
    expect(manifest.request).toMatchObject({ ensemble: { name: 'bagging', members: 4 }, seed: wanted.seed, data: wanted.data, metrics: [{ name: 'surest' }] });
    expect(manifest.request).not.toHaveProperty('splitSeed');
    expect(manifest.techniques!.map(({ kind, name }) => `${kind}/${name}`)).toContain('ensemble/bagging');
    expect(result.metrics.extra['surest']).toBeLessThanOrEqual(1);
    await expect(trainEnsemble(kernel, { ...wanted, ensemble: { name: 'bagging', members: 5 }, resume: true }, services)).rejects.toMatchObject({ code: 'RESUME_MISMATCH', message: expect.stringContaining('ensemble') });
    expect(services.events.filter(({ type }) => type === 'evaluation')).toHaveLength(1);
    expect(services.events.filter(({ type }) => type === 'bundle')).toEqual([{ type: 'bundle', path: wanted.out }]);
    const again = await evaluateBundle(kernel, result.bundle, data, listening());
    expect(again.images).toBeGreaterThan(result.metrics.images);
    const model = await loadModel(result.bundle);
    expect(model.layers.filter(({ name }) => name.startsWith('conv-'))).toHaveLength(3);
    expect(model.layers.filter(({ name }) => name.startsWith('head'))).toHaveLength(4);
    model.dispose();
  });

  it('of tuned backbones holds each, and the mean of their weights is one network', async () => {
    const average = await trainEnsemble(kernel, request({ name: 'independent', members: 2 }, { strategy: { name: 'grow' } }), listening());
    const soup = await trainEnsemble(kernel, request({ name: 'soup', members: 2 }, { strategy: { name: 'grow' } }), listening());
    const [both, one] = await Promise.all([loadModel(average.bundle), loadModel(soup.bundle)]);
    expect(one.layers.filter(({ name }) => name.startsWith('conv-'))).toHaveLength(3);
    expect(both.layers.filter(({ name }) => name.startsWith('conv-')).length).toBeGreaterThanOrEqual(3);
    expect((await readManifest(soup.bundle)).ensemble!.rule).toBe('soup');
    for (const model of [both, one]) model.dispose();
  });

  it('of snapshots is one training, whose members are the ends of its cycles', async () => {
    const services = listening();
    const { bundle, history } = await trainEnsemble(kernel, request({ name: 'snapshot', members: 3 }, { strategy: { name: 'grow' } }), services);
    const { ensemble } = await readManifest(bundle);
    expect(ensemble!.members.map(({ share }) => share)).toEqual([1 / 3, 1 / 3, 1 / 3]);
    // Two epochs are rounded up to three cycles of one; each cycle begins at the full rate and ends at none.
    expect(history.filter(({ phase }) => phase === 'last')).toHaveLength(3);
    expect(services.events.filter(({ type }) => type === 'plan')).toHaveLength(1);
    const model = await loadModel(bundle);
    expect(model.layers.filter(({ name }) => name.startsWith('conv-')).length).toBeGreaterThan(3);
    model.dispose();
  });

  it('of snapshots wants a strategy that trains by steps', async () => {
    await expect(trainEnsemble(kernel, request({ name: 'snapshot', members: 3 }), listening())).rejects.toMatchObject({ code: 'ENSEMBLE_UNFIT' });
  });

  it('that is a soup has members of one start, whatever set of stages each would have chosen; and wants a strategy that trains by steps', async () => {
    const labels: string[] = [];
    const progress = { start: (label: string) => { labels.push(label); return { advance() {}, finish() {} }; } };
    const services = listening();
    const { bundle } = await trainEnsemble(kernel, request({ name: 'soup', members: 3 }, { strategy: { name: 'choose' }, keep: 'last' }), { ...services, progress });
    expect(labels.filter((label) => label === 'Solving the classifier')).toHaveLength(1);
    expect(services.lines.filter((line) => line.startsWith('Taken:') || line.startsWith('The classifier is solved already:'))).toHaveLength(3);
    const { ensemble } = await readManifest(bundle);
    expect(new Set(ensemble!.members.map(({ seed }) => seed)).size).toBe(3);
    await expect(trainEnsemble(kernel, request({ name: 'soup', members: 3 }), listening())).rejects.toMatchObject({ code: 'ENSEMBLE_UNFIT', mend: expect.stringContaining('fine-tune-top') });
  });

  it('boosts: members vote', async () => {
    const { bundle } = await trainEnsemble(kernel, request({ name: 'boosting', members: 3 }), listening());
    const { ensemble } = await readManifest(bundle);
    expect(ensemble!.rule).toBe('vote');
    expect(ensemble!.members.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 6);
  });

  it('boosts models whose backbones were tuned', async () => {
    const { bundle } = await trainEnsemble(kernel, request({ name: 'boosting', members: 2 }, { strategy: { name: 'grow' }, learningRate: 100, keep: 'last' }), listening());
    expect((await readManifest(bundle)).ensemble!.rule).toBe('vote');
  });

  it('that boosts what makes no mistake is that one model, sure as it is, and says so', async () => {
    const few = await drawDataset(join(work, 'faultless'), { perClass: 2 });
    const { bundle, warnings } = await trainEnsemble(kernel, request({ name: 'boosting', members: 3 }, { data: few, validation: 0.5 }), listening());
    expect(warnings).toEqual([{ code: 'SETTING_UNUSED', setting: 'ensemble', message: expect.stringContaining('the model of one member') }]);
    expect((await readManifest(bundle)).ensemble).toMatchObject({ rule: 'average', members: [{ share: 1 }] });
  });

  it('whose members are one and the same says so', async () => {
    // One image of a class is too few to hold any out: nothing is left that the seed decides.
    const few = await drawDataset(join(work, 'few'), { perClass: 2 });
    const { warnings } = await trainEnsemble(kernel, request({ name: 'independent', members: 2 }, { data: few, validation: 0.5 }), listening());
    expect(warnings).toEqual([{ code: 'SETTING_UNUSED', setting: 'ensemble', message: expect.stringContaining('all 2 members came out the same') }]);
    expect((await trainEnsemble(kernel, request({ name: 'independent', members: 2 }, { strategy: { name: 'grow' }, keep: 'last' }), listening())).warnings).toEqual([]);
  });

  it('is the same for the same seed', async () => {
    const [one, other] = [await trainEnsemble(kernel, request({ name: 'bagging', members: 2 }), listening()), await trainEnsemble(kernel, request({ name: 'bagging', members: 2 }), listening())];
    expect(weightsOf(one.bundle)).toBe(weightsOf(other.bundle));
  });

  it('that was stopped goes on where it was, to the same model', async () => {
    const whole = await trainEnsemble(kernel, request({ name: 'bagging', members: 3 }), listening());
    const abort = new AbortController();
    const wanted = request({ name: 'bagging', members: 3 });
    const services = listening(abort.signal);
    const seen: string[] = [];
    services.emit = ({ type }) => {
      seen.push(type);
      if (seen.filter((one) => one === 'plan').length === 2) abort.abort();
    };
    await expect(trainEnsemble(kernel, wanted, services)).rejects.toMatchObject({ code: 'RUN_ABORTED' });
    const later = listening();
    const resumed = await trainEnsemble(kernel, { ...wanted, resume: true }, later);
    expect(weightsOf(resumed.bundle)).toBe(weightsOf(whole.bundle));
    expect(later.events.filter(({ type }) => type === 'plan')).toHaveLength(2);
    expect((await trainEnsemble(kernel, { ...wanted, resume: true }, listening())).metrics).toEqual(resumed.metrics);
  });

  it('takes no member that is damaged, and none of other settings or images', async () => {
    const changing = join(work, 'changing');
    cpSync(data, changing, { recursive: true });
    const whole = await trainEnsemble(kernel, request({ name: 'bagging', members: 2 }, { data: changing }), listening());
    const stopped = request({ name: 'bagging', members: 2 }, { data: changing });
    const failing = { ...listening(), emit: ({ type }: { type: string }) => { if (type === 'evaluation') throw new Error('the power failed'); } };
    await expect(trainEnsemble(kernel, stopped, failing)).rejects.toThrow('the power failed');
    const members = (out: string, ...names: string[]) => join(out, '.run', 'members', ...names);
    const again = async (change: (out: string) => void, further: Partial<TrainingRequest> = {}) => {
      const { out } = request(stopped.ensemble);
      cpSync(stopped.out, out, { recursive: true });
      change(out);
      const later = listening();
      const { bundle } = await trainEnsemble(kernel, { ...stopped, ...further, out, resume: true }, later);
      return { weights: weightsOf(bundle), plans: later.events.filter(({ type }) => type === 'plan').length, said: later.lines.filter((line) => line.includes('is damaged')).length };
    };
    const weights = weightsOf(whole.bundle);
    expect(await again(() => {})).toEqual({ weights, plans: 0, said: 0 });
    for (const names of [['1.bin'], ['1', 'weights.bin'], ['1', 'model.json'], ['2', 'cultivar.json']]) {
      const flip = (out: string) => {
        const bytes = readFileSync(members(out, ...names));
        bytes[bytes.length >> 1]! ^= 1;
        writeFileSync(members(out, ...names), bytes);
      };
      expect([names, await again(flip)]).toEqual([names, { weights, plans: 1, said: 1 }]);
    }
    expect(await again((out) => rmSync(members(out, '1', 'cultivar.json')))).toMatchObject({ weights, plans: 1 });
    await expect(again(() => {}, { strategy: { name: 'stage-probe' } })).rejects.toMatchObject({ code: 'RESUME_MISMATCH' });
    cpSync(join(data, 'discs', '000.png'), join(changing, 'stripes', 'more.png'));
    await expect(again(() => {})).rejects.toMatchObject({ code: 'RESUME_MISMATCH' });
  });

  it('of an unknown kind is refused before any work', async () => {
    await expect(trainEnsemble(kernel, request({ name: 'baging', members: 3 }), listening())).rejects.toMatchObject({ code: 'CONTRIBUTION_UNKNOWN' });
  });
});
