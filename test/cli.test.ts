/** The command line as a user meets it: the built program, spawned in a folder of its own. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cultivar, json, nanoIsBuilt, repository, type Outcome } from './support/command.js';
import { drawDataset, drawnClasses, drawnImage } from './support/drawn-images.js';

interface Trained {
  strategy: string;
  bundle: string;
  seconds: number;
  seed: number;
  metrics: { accuracy: number; perClass: { label: string }[]; images: number };
  assessment: { similarity: { score: number } };
  plan: { phases: unknown[]; reasons: string[] };
  setAside: { path: string; reason: string }[];
}

interface Predicted {
  predictions: { image: string; classes: { label: string; probability: number }[] }[];
  unread: { image: string; code: string }[];
}

let work: string;
beforeAll(() => { work = mkdtempSync(join(tmpdir(), 'cultivar-cli-')); });
afterAll(() => rmSync(work, { recursive: true, force: true }));

describe('cultivar', () => {
  it('--help names every command and loads nothing heavy', async () => {
    const { code, stdout, stderr } = await cultivar(['--help'], work, { NODE_OPTIONS: '' });
    expect(code).toBe(0);
    expect(stderr).toBe('');
    for (const command of ['train', 'evaluate', 'predict', 'plugins', 'data', 'doctor']) expect(stdout).toContain(`\n  ${command}`);
  });

  it('--version is that of the package', async () => {
    const { version } = JSON.parse(readFileSync(join(repository, 'packages/cultivar/package.json'), 'utf8')) as { version: string };
    expect((await cultivar(['--version'], work)).stdout.trim()).toBe(version);
  });

  it('plugins list names the first set', async () => {
    const outcome = await cultivar(['plugins', 'list', '--json'], work);
    const names = json<{ kind: string; name: string }[]>(outcome).map(({ kind, name }) => `${kind} ${name}`);
    expect(names).toEqual(expect.arrayContaining([
      'optimizer sgd', 'optimizer momentum', 'optimizer adam', 'initializer zeros', 'initializer glorot', 'initializer he',
      'augmentation flip', 'augmentation crop', 'augmentation color-jitter', 'augmentation cutout', 'augmentation mixup', 'augmentation cutmix',
      'schedule constant', 'schedule cosine', 'schedule step', 'regularizer l2', 'regularizer dropout', 'regularizer label-smoothing',
      'regularizer early-stopping', 'solver lbfgs', 'engine onnx', 'engine tfjs', 'backbone nano', 'backbone mobilenet-v1', 'backbone mobilenet-v2',
      'backbone layers-model', 'backbone graph-model', 'similarity feature-similarity',
      'strategy auto', 'strategy linear-probe', 'strategy stage-probe', 'strategy fine-tune-top', 'strategy fine-tune-deep',
    ]));
    expect(outcome.stderr).toBe('');
  });

  it('plugins info tells the options of a technique', async () => {
    const { stdout } = await cultivar(['plugins', 'info', 'mixup'], work);
    expect(stdout).toMatch(/augmentation mixup: .+/);
    expect(stdout).toMatch(/alpha +number +default [\d.]+/);
    expect(stdout).toContain('cultivar train photos/ --augment mixup:alpha=');
    expect((await cultivar(['plugins', 'info', 'snapshot'], work)).stdout).toContain('cultivar train photos/ --ensemble snapshot:members=5');
  });
});

describe('what is wrong with a command', () => {
  const wrong: [string, string[], string][] = [
    ['no such command', ['trian'], 'COMMAND_INVALID'],
    ['an option that is not there', ['train', 'photos', '--epoch', '3'], 'COMMAND_INVALID'],
    ['a number that is none', ['train', 'photos', '--epochs', 'many'], 'COMMAND_INVALID'],
    ['no data', ['train'], 'COMMAND_INVALID'],
    ['data that is not there', ['train', 'nowhere'], 'DATA_NOT_FOUND'],
    ['an unknown backbone', ['train', '.', '--backbone', 'resnet'], 'CONTRIBUTION_UNKNOWN'],
    ['an unknown strategy', ['train', '.', '--strategy', 'linear-prob'], 'CONTRIBUTION_UNKNOWN'],
    ['an unknown augmentation', ['train', '.', '--augment', 'flop'], 'CONTRIBUTION_UNKNOWN'],
    ['an unknown option of a technique', ['train', '.', '--augment', 'mixup:alfa=1'], 'OPTION_INVALID'],
    ['an option out of its range', ['train', '.', '--regularize', 'dropout:rate=3'], 'OPTION_INVALID'],
    ['an unknown engine', ['train', '.', '--engine', 'abacus'], 'CONTRIBUTION_UNKNOWN'],
    ['a reference that cannot be read', ['train', '.', '--schedule', 'cosine:'], 'REFERENCE_SYNTAX'],
    ['an unknown plugin', ['train', '.', '--plugin', 'cultivar-plugin-nowhere'], 'PLUGIN_NOT_FOUND'],
    ['a configuration that is not there', ['train', '.', '--config', 'mine.json'], 'CONFIG_NOT_FOUND'],
    ['a range that is left', ['train', '.', '--validation', '1.5'], 'COMMAND_INVALID'],
    ['a bundle that is none', ['predict', '.', 'cat.jpg'], 'IMAGE_UNREADABLE'],
    ['a kind that is none', ['plugins', 'list', 'optimiser'], 'COMMAND_INVALID'],
    ['a technique that is none', ['plugins', 'info', 'mixdown'], 'CONTRIBUTION_UNKNOWN'],
  ];
  let data: string;
  beforeAll(async () => { data = await drawDataset(join(work, 'wrong'), { perClass: 2 }); });

  it.each(wrong)('%s', async (_, words, code) => {
    const { code: exit, stderr, stdout } = await cultivar([...words, '--json'], data);
    expect({ exit, error: (JSON.parse(stdout) as { error: { code: string } }).error.code }).toEqual({ exit: 2, error: code });
    expect(stderr).toMatch(/^Error: .+\.\n {2}.+\. \[[A-Z_]+\]\n$/);
  });

  it('settings of a configuration are checked as well', async () => {
    writeFileSync(join(data, 'bad.config.json'), JSON.stringify({ sead: 1 }));
    const { code, stderr } = await cultivar(['train', '.', '--config', 'bad.config.json'], data);
    expect(code).toBe(2);
    expect(stderr).toContain('sead');
    expect(stderr).toContain('[CONFIG_INVALID]');
  });
});

(nanoIsBuilt ? describe : describe.skip)(`a run${nanoIsBuilt ? '' : ' (skipped: nano is not in the build)'}`, () => {
  let data: string;
  let outcome: Outcome;
  let result: Trained;
  beforeAll(async () => {
    data = await drawDataset(join(work, 'shapes'), { perClass: 14 });
    writeFileSync(join(data, 'discs', 'broken.jpg'), 'this is no image');
    outcome = await cultivar(['train', 'shapes', '--json', '--seed', '7', '--strategy', 'linear-probe'], work);
    result = json<Trained>(outcome);
  }, 120_000);

  it('ends well and says so in one line', () => {
    expect(outcome.code).toBe(0);
    expect(result).toMatchObject({ strategy: 'linear-probe', seed: 7, setAside: [{ path: 'discs/broken.jpg', reason: expect.any(String) }] });
    expect(result.metrics.accuracy).toBeGreaterThan(0.6);
    expect(result.plan.reasons.length).toBeGreaterThan(0);
    expect(result.assessment.similarity.score).toBeGreaterThanOrEqual(0);
    expect(result.bundle).toBe(join(work, 'cultivar-out', 'shapes'));
  });

  it('tells people on stderr what it saw, what it planned and why, and what came of it', () => {
    for (const words of ['Data: ', 'discs/broken.jpg', 'Assessment', 'similarity', 'Plan: linear-probe', 'because ', 'accuracy', 'precision', 'confusion', 'predict cultivar-out/shapes IMAGE']) {
      expect(outcome.stderr).toContain(words);
    }
    expect(outcome.stderr).not.toMatch(/looks like you are running|onnxruntime:|Warning: .*deprecat|ExperimentalWarning|\[object Object\]|undefined|NaN/i);
  });

  it('leaves a bundle and nothing else', () => {
    expect(readdirSync(result.bundle).sort()).toEqual(expect.arrayContaining(['cultivar.json', 'model.json', 'weights.bin']));
    expect(existsSync(join(result.bundle, '.run'))).toBe(false);
  });

  it('goes into a fresh folder each time, and never over another', async () => {
    const again = json<Trained>(await cultivar(['train', 'shapes', '--json', '--quiet', '--strategy', 'linear-probe'], work));
    expect(again.bundle).toBe(join(work, 'cultivar-out', 'shapes-2'));
    const over = await cultivar(['train', 'shapes', '--json', '--out', again.bundle], work);
    expect(over.code).toBe(2);
    expect(over.stderr).toContain('[OUTPUT_EXISTS]');
  });

  it('classifies files and folders', async () => {
    const fresh = await drawDataset(join(work, 'fresh'), { perClass: 4, from: 500, classes: ['stripes'] });
    writeFileSync(join(fresh, 'stripes', 'notes.txt'), 'no image');
    const predicted = await cultivar(['predict', result.bundle, 'fresh', join(data, 'discs', '000.png'), '--top', '2', '--json'], work);
    expect(predicted.code).toBe(0);
    const { predictions, unread } = json<Predicted>(predicted);
    expect(predictions).toHaveLength(5);
    expect(unread).toEqual([expect.objectContaining({ image: join('fresh', 'stripes', 'notes.txt'), code: 'IMAGE_UNREADABLE' })]);
    for (const { classes } of predictions) expect(classes).toHaveLength(2);
    expect(predictions[4]?.classes[0]?.label).toBe('discs');
    const people = await cultivar(['predict', result.bundle, join(data, 'discs', '000.png')], work);
    expect(people.stdout).toMatch(/000\.png +discs +[\d.]+ %/);
    expect((await cultivar(['predict', result.bundle, join(data, 'discs', 'broken.jpg')], work)).code).toBe(2);
    expect((await cultivar(['predict', work, join(data, 'discs', '000.png')], work)).stderr).toContain('[BUNDLE_NOT_FOUND]');
  });

  it('is measured again on other images', async () => {
    await drawDataset(join(work, 'others'), { perClass: 6, from: 900 });
    const evaluated = await cultivar(['evaluate', result.bundle, 'others', '--json'], work);
    expect(evaluated.code).toBe(0);
    expect(json<{ metrics: { accuracy: number; images: number } }>(evaluated).metrics).toMatchObject({ images: 18, accuracy: expect.any(Number) });
  });

  it('gives the same probabilities on the command line, in the library and in plain tfjs', async () => {
    // Images of the network's own size, so that plain tfjs needs no resize.
    const { preprocessing: { size } } = JSON.parse(readFileSync(join(result.bundle, 'cultivar.json'), 'utf8')) as { preprocessing: { size: number } };
    const images = drawnClasses.map((label) => join(work, `${label}.png`));
    for (const [index, label] of drawnClasses.entries()) writeFileSync(images[index] ?? '', await drawnImage(label, 300, size));
    const line = json<Predicted>(await cultivar(['predict', result.bundle, ...images, '--top', '3', '--json'], work)).predictions
      .map(({ classes }) => Object.fromEntries(classes.map(({ label, probability }) => [label, probability])));
    const program = (name: string) => JSON.parse(execFileSync(process.execPath, [join(repository, 'test/support', name), result.bundle, ...images], { encoding: 'utf8' })) as Record<string, number>[];
    for (const other of [program('classify-with-library.mjs'), program('classify-with-tfjs.mjs')]) {
      line.forEach((probabilities, image) => {
        for (const [label, probability] of Object.entries(probabilities)) {
          expect(Math.abs(probability - (other[image]?.[label] ?? Number.NaN))).toBeLessThan(1e-5);
        }
      });
    }
  });

  it('reads its settings from a configuration, the command line first', async () => {
    writeFileSync(join(work, 'cultivar.config.ts'), [
      "import { defineConfig } from 'cultivar';",
      "export default defineConfig({ data: 'shapes', strategy: 'linear-probe', seed: 3, out: 'from-config' });",
    ].join('\n'));
    try {
      const configured = json<Trained>(await cultivar(['train', '--seed', '4', '--json', '--quiet'], work));
      expect(configured).toMatchObject({ seed: 4, bundle: join(work, 'from-config'), strategy: 'linear-probe' });
    } finally {
      rmSync(join(work, 'cultivar.config.ts'));
    }
  });

  it('data check tells what training would see', async () => {
    const checked = json<{ images: number; setAside: { path: string }[] }>(await cultivar(['data', 'check', 'shapes', '--json'], work));
    expect(checked).toMatchObject({ images: 42, setAside: [{ path: 'discs/broken.jpg' }] });
    const { stdout, stderr } = await cultivar(['data', 'check', 'shapes'], work);
    expect(`${stdout}${stderr}`.match(/discs\/broken\.jpg/g)).toHaveLength(1);
  });

  it('doctor says what works here, by doing it', async () => {
    const doctor = await cultivar(['doctor', '--json'], work);
    expect(doctor.code).toBe(0);
    expect(json(doctor)).toMatchObject({
      node: process.version, cores: expect.any(Number), proof: { ok: true },
      engines: expect.arrayContaining([expect.objectContaining({ name: 'onnx', ok: true, trains: true }), expect.objectContaining({ name: 'tfjs', ok: true, trains: true })]),
    });
  });
});
