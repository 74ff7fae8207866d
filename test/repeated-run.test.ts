/** What a bundle says of its run is enough to make it again: `cultivar train --from BUNDLE`. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cultivar, json, nanoIsBuilt, repository } from './support/command.js';
import { drawDataset } from './support/drawn-images.js';

interface Result {
  bundle: string;
  metrics: unknown;
  plan: { phases: unknown[] };
  warnings: unknown[];
}

(nanoIsBuilt ? describe : describe.skip)(`a run that is repeated${nanoIsBuilt ? '' : ' (skipped: nano is not in the build)'}`, () => {
  let work: string;
  const weights = (bundle: string) => createHash('sha256').update(readFileSync(join(work, bundle, 'weights.bin'))).digest('hex');
  const manifest = (bundle: string) => JSON.parse(readFileSync(join(work, bundle, 'cultivar.json'), 'utf8')) as Record<string, unknown>;
  const train = async (...words: string[]): Promise<Result> => {
    const run = await cultivar(['train', ...words, '--json', '--quiet'], work);
    if (run.code !== 0) throw new Error(run.stderr);
    return json<Result>(run);
  };
  const grey = './grey.ts';
  const own = ['photos', '--strategy', 'fine-tune-top:epochs=2', '--batch-size', '5', '--learning-rate', '0.002', '--keep', 'last', '--augment', 'grey', '--augment', 'mixup:alpha=0.3', '--regularize', 'l2:lambda=0.001', '--regularize', 'dropout',
    '--optimizer', 'momentum:momentum=0.8', '--schedule', 'one-cycle', '--solver', 'lbfgs:maxIterations=50', '--validation', '0.3', '--views', '2', '--seed', '9'];
  let first: Result;

  beforeAll(async () => {
    work = mkdtempSync(join(tmpdir(), 'cultivar-repeated-'));
    const [, plugin] = /`grey\.ts`[^`]*```ts\n([\s\S]*?)```/.exec(readFileSync(join(repository, 'README.md'), 'utf8'))!;
    writeFileSync(join(work, 'grey.ts'), plugin!);
    symlinkSync(join(repository, 'node_modules'), join(work, 'node_modules'));
    await drawDataset(join(work, 'photos'), { perClass: 6 });
    first = await train(...own, '--plugin', grey, '-o', 'first');
  }, 180_000);
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  it('is written down with every technique and all options', () => {
    expect(manifest('first')).toMatchObject({
      request: {
        data: join(work, 'photos'), backbone: { name: 'nano' }, strategy: { name: 'fine-tune-top', epochs: 2, views: 5 }, similarity: { name: 'feature-similarity' }, solver: { name: 'lbfgs', maxIterations: 50 },
        optimizer: { name: 'momentum', momentum: 0.8, weightDecay: 0 }, schedule: { name: 'one-cycle', rise: 0.3, shape: 'cosine' },
        augmentations: [{ name: 'grey', probability: 0.2 }, { name: 'mixup', alpha: 0.3 }], regularizers: [{ name: 'l2', lambda: 0.001 }, { name: 'dropout', rate: 0.5 }],
        batchSize: 5, learningRate: 0.002, keep: 'last', views: 2, validation: 0.3, seed: 9, engine: { name: 'auto' }, callbacks: [], metrics: [], exporters: [],
      },
      trainer: expect.any(String), engine: expect.any(String),
      plan: { phases: [{ kind: 'solve' }, { kind: 'train', optimizer: { name: 'momentum', momentum: 0.8, weightDecay: 0 }, schedule: { name: 'one-cycle', rise: 0.3 } }] },
    });
    const { techniques } = manifest('first') as { techniques: { kind: string; name: string; plugin: string; file?: string }[] };
    expect(techniques).toContainEqual({ kind: 'augmentation', name: 'grey', plugin: 'cultivar-plugin-grey', version: expect.any(String), file: join(work, 'grey.ts') });
    for (const one of ['optimizer/momentum', 'schedule/one-cycle', 'regularizer/l2', 'regularizer/dropout', 'augmentation/mixup', 'solver/lbfgs', 'similarity/feature-similarity', 'strategy/fine-tune-top', 'backbone/nano']) {
      expect(techniques.map(({ kind, name }) => `${kind}/${name}`)).toContain(one);
    }
  });

  it('comes to the same numbers and weights', async () => {
    const again = await train('--from', 'first', '--plugin', grey, '-o', 'again');
    expect(again.metrics).toEqual(first.metrics);
    expect(weights('again')).toBe(weights('first'));
    expect(manifest('again')['request']).toEqual(manifest('first')['request']);
    expect(again.warnings).toEqual([]);
  }, 120_000);

  it('says where the images are no longer the same', async () => {
    const photo = join(work, 'photos', 'discs', '000.png');
    renameSync(photo, join(work, 'aside.png'));
    const other = await train('--from', 'first', '--plugin', grey, '--strategy', 'linear-probe', '-o', 'changed');
    expect(other.warnings).toContainEqual({ code: 'RUN_CHANGED', message: expect.stringContaining('the images') });
    renameSync(join(work, 'aside.png'), photo);
  }, 120_000);

  it('but for what is given', async () => {
    const other = await train('photos', '--from', 'first', '--plugin', grey, '--augment', 'none', '--regularize', 'l1', '--seed', '3', '-o', 'other');
    expect(manifest('other')['request']).toMatchObject({ augmentations: [], regularizers: [{ name: 'l1' }], seed: 3, batchSize: 5, optimizer: { momentum: 0.8 } });
    expect(weights('other')).not.toBe(weights('first'));
    expect(other.warnings).toEqual([]);
  }, 120_000);

  it('says that the bundle had kept what its predictions are averaged over', async () => {
    const kept = altered('averaging', (content) => Object.assign(content, { testTime: { crops: 10, metrics: content['metrics'] } }));
    const other = await train('--from', kept, '--plugin', grey, '--strategy', 'linear-probe', '-o', 'plain');
    expect(other.warnings).toContainEqual({ code: 'RUN_CHANGED', message: expect.stringContaining('averaged over') });
  }, 120_000);

  it('loads no plugin because a bundle names it, and says which one is needed', async () => {
    const run = await cultivar(['train', '--from', 'first', '-o', 'unmade', '--json', '--quiet'], work);
    expect(run.code).toBe(2);
    expect(json<{ error: object }>(run).error).toMatchObject({ code: 'PLUGIN_NEEDED', mend: expect.stringContaining(`--plugin ${join(work, 'grey.ts')}`) });
  });

  /** A copy of the bundle whose manifest says something else, its checksum made to fit. */
  function altered(name: string, change: (manifest: Record<string, Record<string, unknown>>) => void): string {
    cpSync(join(work, 'first'), join(work, name), { recursive: true });
    const content = manifest(name);
    delete content['sha256'];
    change(content as never);
    const sha256 = createHash('sha256').update(JSON.stringify(content)).digest('hex');
    writeFileSync(join(work, name, 'cultivar.json'), JSON.stringify({ ...content, sha256 }));
    return name;
  }

  it('does not write where a bundle says, nor goes on with what it names', async () => {
    const own = altered('elsewhere', ({ request }) => Object.assign(request!, { out: join(work, 'chosen-by-the-bundle'), resume: true, strategy: { name: 'linear-probe' }, augmentations: [] }));
    const run = await train('--from', own, '--plugin', grey);
    expect(run.bundle).toBe(join(work, 'cultivar-out', 'photos'));
    expect(existsSync(join(work, 'chosen-by-the-bundle'))).toBe(false);
  }, 120_000);

  it.each<[string, object]>([
    ['no list', { techniques: 5 }], ['a list of nothing', { techniques: [null] }], ['names that are none', { techniques: [{ kind: 3, name: {}, plugin: [], version: null }] }], ['no request', { request: 'x' }], ['reading that is none', { request: { reading: 5 } }],
  ])('is refused where its techniques or settings are %s', async (name, content) => {
    const run = await cultivar(['train', '--from', altered(`odd ${name}`, (own) => Object.assign(own, content)), '-o', 'never', '--json', '--quiet'], work);
    expect([run.code, json<{ error: { code: string } }>(run).error.code]).toEqual([2, 'BUNDLE_INVALID']);
  });

  it('that is finished is not resumed with other settings', async () => {
    const same = await cultivar(['train', ...own, '--plugin', grey, '-o', 'first', '--resume', '--json', '--quiet'], work);
    expect(same.code).toBe(0);
    const run = await cultivar(['train', ...own, '--plugin', grey, '--views', '1', '-o', 'first', '--resume', '--json', '--quiet'], work);
    expect(json<{ error: object }>(run).error).toMatchObject({ code: 'RESUME_MISMATCH', message: expect.stringContaining('views') });
  });
});
