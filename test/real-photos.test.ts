/** Real photos and real weights: what `auto` picks and says, and how good it is. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cultivar, json, nanoIsBuilt, start } from './support/command.js';

const shared = process.env['CULTIVAR_SHARED'] ?? fileURLToPath(new URL('../../shared', import.meta.url));
const weights = join(shared, 'models', 'mobilenet-v2-1.00-224-layers');
const photos = join(shared, 'datasets');
const here = existsSync(weights) && existsSync(photos);
const where = here ? '' : ' (skipped: no models and datasets in CULTIVAR_SHARED)';

interface Trained {
  strategy: string;
  bundle: string;
  metrics: { accuracy: number; images: number };
  assessment: { similarity: { score: number; figures: { distance: number; separation: number } }; trainImages: number };
  plan: { reasons: string[] };
}

(here ? describe : describe.skip)(`MobileNetV2 on real photos${where}`, () => {
  let work: string;
  beforeAll(() => { work = mkdtempSync(join(tmpdir(), 'cultivar-photos-')); });
  afterAll(() => rmSync(work, { recursive: true, force: true }));
  const train = async (data: string, name: string) =>
    json<Trained>(await cultivar(['train', data, '--backbone', `mobilenet-v2:alpha=1,weights=${weights}`, '--out', name, '--seed', '0', '--json'], work));

  it('small and similar (ants and bees): stages are tried, the top features alone are taken; 0.94 or more', async () => {
    const { strategy, bundle, metrics, assessment, plan } = await train(join(photos, 'hymenoptera'), 'hymenoptera');
    expect(strategy).toBe('stage-probe');
    const { features } = JSON.parse(readFileSync(join(bundle, 'cultivar.json'), 'utf8')) as { features: string[] };
    expect(features).toHaveLength(1);
    expect(metrics.images).toBe(153);
    expect(metrics.accuracy).toBeGreaterThanOrEqual(0.94);
    expect(assessment.similarity.score).toBeGreaterThan(0.55);
    expect(plan.reasons.join(' ')).toMatch(/245 training images count as few .* similar to .*Small and similar/);
  }, 240_000);

  it('small and different (close-ups of steel): stages are probed', async () => {
    // Every class in brief: copies, because a folder of the shared ones may not be written to.
    const source = join(photos, 'neu-surface-defects');
    for (const label of readdirSync(source, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name)) {
      mkdirSync(join(work, 'steel', label), { recursive: true });
      for (const file of readdirSync(join(source, label)).sort().slice(0, 40)) cpSync(join(source, label, file), join(work, 'steel', label, file));
    }
    const { strategy, metrics, assessment, plan } = await train('steel', 'defects');
    expect(strategy).toBe('stage-probe');
    expect(assessment.similarity.score).toBeLessThan(0.4);
    expect(assessment.similarity.figures.distance).toBeGreaterThan(0.8);
    expect(metrics.accuracy).toBeGreaterThanOrEqual(0.95);
    expect(plan.reasons.join(' ')).toMatch(/different from .*Small and different/);
  }, 240_000);
});

const archive = join(photos, 'tiny-imagenet', 'train.tar');
const many = existsSync(archive) && nanoIsBuilt;

(many ? describe : describe.skip)(`nano on thousands of photos${many ? '' : ' (skipped: no tiny-imagenet in CULTIVAR_SHARED, or nano is not built)'}`, () => {
  let work: string;
  beforeAll(() => {
    work = mkdtempSync(join(tmpdir(), 'cultivar-many-'));
    const listed = execFileSync('tar', ['tf', archive], { encoding: 'utf8', maxBuffer: 1 << 26 });
    const classes = [...new Set(listed.split('\n').map((line) => line.split('/')[0]!).filter((name) => /^n\d+$/.test(name)))].sort().slice(0, 27);
    mkdirSync(join(work, 'photos'));
    execFileSync('tar', ['xf', archive, '-C', join(work, 'photos'), ...classes]);
  }, 60_000);
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  it('many and similar (twenty-seven classes of ImageNet): the top is fine-tuned, and the run can be stopped there', async () => {
    const running = start(['train', 'photos', '--backbone', 'nano', '--validation', '0.05', '--out', 'many'], work);
    while (running.child.exitCode === null && !running.stderr().includes('solve the classifier')) await new Promise((resolve) => { setTimeout(resolve, 100); });
    running.child.kill('SIGINT');
    const { code, stderr } = await running.outcome;
    expect(stderr).toMatch(/Plan: fine-tune-top/);
    expect(stderr).toMatch(/4104 training images count as many .* similar to /);
    expect(code).toBe(1);
    expect(stderr).toMatch(/--resume/);
  }, 240_000);
});
