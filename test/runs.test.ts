/** What a run promises: the same seed gives the same result, a killed run continues to it, third parties take part. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cultivar, json, nanoIsBuilt, repository, start } from './support/command.js';
import { drawDataset } from './support/drawn-images.js';

interface Trained {
  strategy: string;
  bundle: string;
  metrics: Record<string, unknown>;
  test?: Record<string, unknown>;
  history: { phase: string; epoch: number; loss: number; validationLoss: number }[];
  plan: { phases: { kind: string; optimizer?: { name: string } }[]; reasons: string[] };
  versions: Record<string, string>;
}

const weights = (bundle: string) => createHash('sha256').update(readFileSync(join(bundle, 'weights.bin'))).digest('hex');
/** What must be the same in two runs; times differ. */
const result = ({ bundle, metrics, test, history }: Trained) => ({
  metrics, test, weights: weights(bundle),
  history: history.map(({ phase, epoch, loss, validationLoss }) => ({ phase, epoch, loss, validationLoss })),
});

const inlinePlugins = `
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { callback, definePlugin, exporter, inject, Logger, metric, type Callback, type Exporter, type Metric, type TensorData } from '@cultivar/sdk';
import { defineConfig } from 'cultivar';

@metric({ name: 'top-two', summary: 'Share of images whose class is among the two most probable' })
class TopTwo implements Metric {
  compute({ probabilities: { data, shape: [count, classes] }, labels }: { probabilities: TensorData; labels: Int32Array }): number {
    const right = [...labels].filter((label, row) => {
      const own = data.subarray(row * classes!, (row + 1) * classes!);
      return own.filter((value) => value > own[label]!).length < 2;
    });
    return right.length / count!;
  }
}

@callback({ name: 'diary', summary: 'Say that a run begins' })
class Diary implements Callback {
  @inject(Logger) readonly logger!: Logger;
  runStart(): void {
    this.logger.info('The diary was opened.');
  }
}

@exporter({ name: 'labels', summary: 'One label a line' })
class Labels implements Exporter {
  async export(bundle: string, folder: string): Promise<string[]> {
    const { labels } = JSON.parse(readFileSync(join(bundle, 'cultivar.json'), 'utf8')) as { labels: string[] };
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'labels.txt'), labels.map((label) => label + String.fromCharCode(10)).join(''));
    return [join(folder, 'labels.txt')];
  }
}

export default defineConfig({
  plugins: [definePlugin({ name: 'inline', contributions: [TopTwo, Diary, Labels] })],
  metrics: ['top-two'], callbacks: ['diary'], exporters: ['labels'],
});
`;

(nanoIsBuilt ? describe : describe.skip)(`runs${nanoIsBuilt ? '' : ' (skipped: nano is not in the build)'}`, () => {
  let work: string;
  const tuned = ['train', 'shapes', '--json', '--strategy', 'fine-tune-top', '--epochs', '3', '--batch-size', '8', '--views', '2', '--augment', 'flip', '--augment', 'cutout', '--seed', '11'];
  let reference: Trained;

  beforeAll(async () => {
    work = mkdtempSync(join(tmpdir(), 'cultivar-runs-'));
    await drawDataset(join(work, 'shapes'), { perClass: 12 });
    reference = json<Trained>(await cultivar([...tuned, '--out', 'first'], work));
  }, 240_000);
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  it('of the same seed give the same metrics and weights, of another seed others', async () => {
    const again = json<Trained>(await cultivar([...tuned, '--out', 'second'], work));
    expect(result(again)).toEqual(result(reference));
    const other = json<Trained>(await cultivar([...tuned, '--out', 'third', '--seed', '12'], work));
    expect(result(other).weights).not.toBe(result(reference).weights);
  }, 240_000);

  it('that are killed continue to the same result', async () => {
    const killed = start([...tuned, '--out', 'killed'], work);
    await new Promise<void>((resolve, reject) => {
      const timer = setInterval(() => {
        if (/epoch 2:/.test(killed.stderr().split('\n').slice(-200).join('\n').replace(/^.*solve.*$/gm, ''))) {
          clearInterval(timer);
          killed.child.kill('SIGKILL');
          resolve();
        }
      }, 5);
      void killed.outcome.then(() => { clearInterval(timer); reject(new Error(`ended before it was killed:\n${killed.stderr()}`)); });
    });
    expect((await killed.outcome).signal).toBe('SIGKILL');
    expect(existsSync(join(work, 'killed', 'cultivar.json'))).toBe(false);
    const over = await cultivar([...tuned, '--out', 'killed'], work);
    expect(over.code).toBe(2);
    const resumed = await cultivar([...tuned, '--out', 'killed', '--resume'], work);
    expect(resumed.code).toBe(0);
    expect(resumed.stderr).toContain('goes on where it stopped');
    expect(result(json<Trained>(resumed))).toEqual(result(reference));
    expect(existsSync(join(work, 'killed', '.run'))).toBe(false);
  }, 240_000);

  it('stop at the next step when interrupted, and continue', async () => {
    const interrupted = start(tuned, work);
    await new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        if (/epoch 1:[^]*epoch 1:|epoch 2:/.test(interrupted.stderr()) || interrupted.child.exitCode !== null) {
          clearInterval(timer);
          interrupted.child.kill('SIGINT');
          resolve();
        }
      }, 5);
    });
    const { code, stdout, stderr } = await interrupted.outcome;
    expect(code).toBe(1);
    expect(stderr).toContain('Stopping at the next step');
    expect((JSON.parse(stdout) as { error: { code: string } }).error.code).toBe('RUN_ABORTED');
    const best = await cultivar(['evaluate', join(work, 'cultivar-out', 'shapes', '.run', 'best'), 'shapes', '--json'], work);
    expect(best.code).toBe(0);
    const resumed = await cultivar([...tuned, '--resume'], work);
    expect(resumed.code).toBe(0);
    expect(json<Trained>(resumed).bundle).toBe(join(work, 'cultivar-out', 'shapes'));
    expect(result(json<Trained>(resumed))).toEqual(result(reference));
  }, 240_000);

  it('have nothing to resume where nothing was begun', async () => {
    const nothing = await cultivar(['train', 'shapes', '--resume', '--json'], work);
    expect(nothing.code).toBe(2);
    expect(nothing.stderr).toContain('[RESUME_NOTHING]');
  });

  it('use what a configuration brings inline: a metric, a callback and an exporter', async () => {
    mkdirSync(join(work, 'configured'));
    writeFileSync(join(work, 'configured', 'cultivar.config.ts'), inlinePlugins);
    const outcome = await cultivar(['train', '../shapes', '--json', '--strategy', 'linear-probe', '--out', 'bundle'], join(work, 'configured'));
    expect(outcome.code).toBe(0);
    const trained = json<Trained>(outcome);
    expect(trained.metrics).toMatchObject({ extra: { 'top-two': expect.any(Number) } });
    expect(outcome.stderr).toContain('The diary was opened.');
    expect(outcome.stderr).toMatch(/top-two [01]\.\d{4}/);
    expect(readFileSync(join(trained.bundle, 'labels', 'labels.txt'), 'utf8')).toBe('checks\ndiscs\nstripes\n');
  }, 120_000);

  it('use the optimizer, the augmentation and the strategy of a third party', async () => {
    const outcome = await cultivar([
      'train', 'shapes', '--json', '--plugin', join(repository, 'test/fixtures/third-party-plugin'),
      '--strategy', 'probe-then-top:epochs=2', '--optimizer', 'sign-sgd:decay=0.01', '--augment', 'negative:probability=0.5', '--out', 'third-party',
    ], work);
    expect(outcome.code).toBe(0);
    const trained = json<Trained>(outcome);
    expect(trained.strategy).toBe('probe-then-top');
    expect(trained.plan.phases[1]?.optimizer?.name).toBe('sign-sgd');
    expect(trained.history.some(({ phase }) => phase === 'top')).toBe(true);
    expect(trained.versions['cultivar-plugin-thicket']).toBe('1.2.0');
  }, 240_000);
});
