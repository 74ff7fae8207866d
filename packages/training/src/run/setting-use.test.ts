import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Kernel } from '@cultivar/kernel';
import { definePlugin, strategy, type FreezePlan } from '@cultivar/sdk';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import '../../../../test/conformance/backend.js';
import { drawDataset } from '../../../../test/support/drawn-images.js';
import { listening, tinyKernel } from '../../../../test/support/tiny-training.js';
import type { TrainingRequest } from '../request.js';
import { train } from '../train.js';
import { SettingUse } from './setting-use.js';

@strategy({ name: 'drawn', summary: 'Train the last stage from a drawn head' })
class Drawn {
  plan(): FreezePlan {
    return { reasons: ['a test'], phases: [{ kind: 'train', name: 'last', from: 'stage-2', epochs: 1, batchSize: 16, learningRate: 0.01, rates: {}, views: 1, batchNorm: 'frozen' }] };
  }
}

let work: string;
let kernel: Kernel;
let data: string;
let split: string;
let next = 0;
const request = (further: Partial<TrainingRequest>): TrainingRequest => {
  next += 1;
  return { data, backbone: { name: 'tiny' }, seed: 3, out: join(work, `out-${next}`), ...further };
};
/** Settings that a run warns of. */
async function unused(further: Partial<TrainingRequest>): Promise<(string | undefined)[]> {
  const { warnings } = await train(kernel, request(further), listening());
  return warnings.map(({ code, setting }) => (code === 'SETTING_UNUSED' ? setting : code)).sort();
}
beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'cultivar-unused-'));
  data = await drawDataset(join(work, 'shapes'), { perClass: 6 });
  split = join(work, 'split');
  await drawDataset(join(split, 'train'), { perClass: 5 });
  await drawDataset(join(split, 'val'), { perClass: 3, from: 20 });
  kernel = await tinyKernel(definePlugin({ name: 'drawing', contributions: [Drawn] }));
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** What training phases alone make use of. */
const ofTraining: Partial<TrainingRequest> = {
  optimizer: { name: 'sgd' }, schedule: { name: 'constant' }, epochs: 1, batchSize: 8, learningRate: 1e-3, views: 1, keep: 'better',
  augmentations: [{ name: 'flip' }, { name: 'mixup' }], regularizers: [{ name: 'l2' }, { name: 'dropout' }],
};

describe('settings that were asked for', () => {
  it('in vain, of a plan that trains nothing by steps, are named one by one', async () => {
    const services = listening();
    const result = await train(kernel, request({ ...ofTraining, data: split, strategy: { name: 'stage-probe' }, initializer: { name: 'he' }, similarity: { name: 'feature-similarity' }, validation: 0.3, solver: { name: 'lbfgs' } }), services);
    const names = ['augmentations', 'batchSize', 'epochs', 'initializer', 'keep', 'learningRate', 'optimizer', 'regularizers.0', 'regularizers.1', 'schedule', 'similarity', 'validation', 'views'];
    expect(result.warnings.map(({ setting }) => setting).sort()).toEqual(names);
    for (const warning of result.warnings) {
      expect(warning).toEqual({ code: 'SETTING_UNUSED', message: expect.stringMatching(/^\S+ has no effect: \S.*[^.]\.$/), setting: expect.any(String) });
      expect(services.lines).toContain(warning.message);
      expect(services.events).toContainEqual({ type: 'warning', warning });
    }
    expect(JSON.parse(readFileSync(join(result.bundle, 'cultivar.json'), 'utf8'))).toMatchObject({ warnings: result.warnings, used: ['solver'] });
  });

  it('and used, are not', async () => {
    expect(await unused({ ...ofTraining, strategy: { name: 'fine-tune-top' }, validation: 0.3, solver: { name: 'lbfgs' } })).toEqual([]);
    expect(await unused({ ...ofTraining, strategy: { name: 'drawn' }, initializer: { name: 'he' } })).toEqual([]);
    expect(await unused({ strategy: { name: 'auto' }, similarity: { name: 'feature-similarity' } })).toEqual([]);
  });

  it.each<[string, Partial<TrainingRequest>, string[]]>([
    ['to augment with nothing', { strategy: { name: 'linear-probe' }, augmentations: [] }, []],
    ['copies where nothing augments', { strategy: { name: 'drawn' }, augmentations: [], views: 3 }, ['views']],
    ['more copies than epochs', { strategy: { name: 'drawn' }, epochs: 2, views: 3 }, ['views']],
    ['a solver where nothing is solved', { strategy: { name: 'drawn' }, solver: { name: 'lbfgs' } }, ['solver']],
    ['an initializer where the classifier is solved', { strategy: { name: 'fine-tune-top' }, epochs: 1, initializer: { name: 'he' } }, ['initializer']],
    ['a rate that the optimizer does not look at', { strategy: { name: 'drawn' }, optimizer: { name: 'adadelta' }, learningRate: 3 }, ['learningRate']],
    ['the same behind another optimizer', { strategy: { name: 'drawn' }, optimizer: { name: 'polyak', of: { name: 'adadelta' } }, learningRate: 3 }, ['learningRate']],
    ['epochs of the strategy that epochs of the run go before', { strategy: { name: 'fine-tune-top', epochs: 2, views: 1 }, epochs: 1, views: 1 }, ['strategy.epochs']],
    ['branches dropped where there are none', { strategy: { name: 'drawn' }, regularizers: [{ name: 'stochastic-depth' }, { name: 'l2' }] }, ['regularizers.0']],
    ['a share to validate beside folds', { strategy: { name: 'linear-probe' }, fold: { index: 0, of: 2 }, validation: 0.3 }, ['validation']],
    ['a similarity that the strategy does not look at', { strategy: { name: 'linear-probe' }, similarity: { name: 'feature-similarity' } }, ['similarity']],
  ])('%s', async (_, further, expected) => {
    expect(await unused(further)).toEqual(expected);
  });

  it('are not called unused by a run that was broken off and goes on behind their use', async () => {
    const own = request({ ...ofTraining, strategy: { name: 'fine-tune-top' } });
    const abort = new AbortController();
    const stop = { ...listening(abort.signal), emit: ({ type }: { type: string }) => { if (type === 'epoch') abort.abort(); } };
    await expect(train(kernel, own, stop)).rejects.toMatchObject({ code: 'RUN_ABORTED' });
    expect((await train(kernel, { ...own, resume: true }, listening())).warnings).toEqual([]);
  });

  it('of several runs, are those that none used', async () => {
    const use = new SettingUse();
    const services = { ...listening(), use };
    const own = { epochs: 1, solver: { name: 'lbfgs' }, initializer: { name: 'he' }, similarity: { name: 'feature-similarity' } };
    expect((await train(kernel, request({ ...own, strategy: { name: 'linear-probe' } }), services)).warnings).toEqual([]);
    expect(use.unused.map(({ setting }) => setting).sort()).toEqual(['epochs', 'initializer', 'similarity']);
    await train(kernel, request({ ...own, strategy: { name: 'drawn' } }), services);
    expect(use.unused.map(({ setting }) => setting)).toEqual(['similarity']);
    expect(services.lines.filter((line) => line.includes('no effect'))).toEqual([]);
  });
});
