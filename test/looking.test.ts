/** What a user does around a run: looks at augmentations, drops this and that, measures with several crops, keeps them. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from 'cultivar';
import sharp from 'sharp';
import { cultivar, json, nanoIsBuilt } from './support/command.js';
import { drawDataset } from './support/drawn-images.js';

interface Measured {
  metrics: { accuracy: number; loss: number };
}
interface Predicted {
  predictions: { classes: { label: string; probability: number }[] }[];
}

(nanoIsBuilt ? describe : describe.skip)(`around a run${nanoIsBuilt ? '' : ' (skipped: nano is not in the build)'}`, () => {
  let work: string;
  beforeAll(async () => {
    work = mkdtempSync(join(tmpdir(), 'cultivar-looking-'));
    await drawDataset(join(work, 'photos'), { perClass: 8 });
  });
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  it('preview draws a contact sheet, the same for the same seed', async () => {
    const draw = (out: string, ...more: string[]) => cultivar(['preview', 'photos', '--augment', 'trivial-augment', '--augment', 'pca-lighting:sigma=0.3', '--images', '3', '--views', '2', '--size', '40', '-o', out, ...more], work);
    const run = await draw('one.png', '--json', '--quiet');
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(json<{ images: string[]; width: number }>(run)).toMatchObject({ width: 148, height: 136, images: expect.arrayContaining([expect.any(String)]) });
    expect(await sharp(join(work, 'one.png')).metadata()).toMatchObject({ format: 'png', width: 148, height: 136 });
    expect((await draw('two.png', '--quiet')).stdout).toContain('two.png: 3 images, 148 x 136 pixels');
    expect(readFileSync(join(work, 'two.png')).equals(readFileSync(join(work, 'one.png')))).toBe(true);
    const wrong = await cultivar(['preview', 'photos', '--augment', 'mixedup'], work);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('CONTRIBUTION_UNKNOWN');
  }, 60_000);

  it('a run uses what measures the dataset, drops branches, features and weights, and is as good as it says', async () => {
    const run = await cultivar([
      'train', 'photos', '--strategy', 'fine-tune-top', '--epochs', '1', '--views', '1', '--json', '--quiet', '-o', 'dropped',
      '--augment', 'pca-lighting', '--augment', 'rand-augment', '--regularize', 'stochastic-depth:rate=0.5', '--regularize', 'dropout:rate=0.3,scaling=inference',
      '--regularize', 'drop-connect:rate=0.1', '--regularize', 'max-norm', '--regularize', 'elastic',
    ], work);
    expect(run.code).toBe(0);
    // What drops branches is a layer of our own; an engine that cannot train it says so and hands over.
    expect(run.stderr).toMatch(/^(Warning: Engine onnx cannot express layer \S+ \(CultivarBranch\)[^\n]+ Engine tfjs takes over\.\n)?$/);
    const { metrics, history } = json<Measured & { history: { loss: number }[] }>(run);
    expect(history.every(({ loss }) => Number.isFinite(loss))).toBe(true);
    expect(metrics.accuracy).toBeGreaterThan(0.5);
  }, 300_000);

  it('several crops and dropped features are averaged where asked for, and everywhere once they are kept', async () => {
    expect((await cultivar(['train', 'photos', '--strategy', 'linear-probe', '--quiet', '-o', 'model'], work)).code).toBe(0);
    const image = join(work, 'photos', 'discs', '0.jpg');
    const loss = async (...how: string[]) => json<Measured>(await cultivar(['evaluate', 'model', 'photos', '--json', '--quiet', ...how], work)).metrics.loss;
    const probability = async (...how: string[]) => json<Predicted>(await cultivar(['predict', 'model', 'photos', '--json', '--quiet', ...how], work)).predictions[0]!.classes[0]!.probability;
    const [plain, ten, dropped] = [await loss(), await loss('--crops', '10'), await loss('--dropout', '0.5x4')];
    expect(new Set([plain, ten, dropped]).size).toBe(3);
    const { extra, intervals } = json<{ metrics: { extra: Record<string, number>; intervals: { extra: Record<string, { low: number; high: number }> } } }>(await cultivar(['evaluate', 'model', 'photos', '--json', '--quiet'], work)).metrics;
    expect(Object.keys(extra)).toEqual(['balanced-accuracy', 'macro-f1', 'auc', 'average-precision', 'brier-score']);
    for (const [name, value] of Object.entries(extra)) expect(intervals.extra[name]!.low <= value && value <= intervals.extra[name]!.high).toBe(true);
    const before = await probability();
    const asked = await probability('--crops', '10', '--dropout', '0.5x4');
    expect(asked).not.toBe(before);
    await loss('--crops', '10', '--dropout', '0.5x4', '--keep');
    expect(await probability()).toBe(asked);
    expect(await probability('--crops', '1', '--dropout', '0x1')).toBeCloseTo(before, 5);
    const classifier = await load(join(work, 'model'));
    expect(classifier.manifest.testTime).toMatchObject({ crops: 10, monteCarlo: { rate: 0.5, draws: 4 }, metrics: { accuracy: expect.any(Number) } });
    await classifier.dispose();
    const wrong = await cultivar(['predict', 'model', image, '--crops', '7'], work);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('1, 5, 10, multi-scale');
  }, 300_000);
});
