/** Nothing that is asked for is ignored in silence: on the command line, in a configuration, by every command that runs trainings. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cultivar, json, nanoIsBuilt } from './support/command.js';
import { drawDataset } from './support/drawn-images.js';

interface Warned {
  warnings: { code: string; setting: string; message: string }[];
}

(nanoIsBuilt ? describe : describe.skip)(`settings without effect${nanoIsBuilt ? '' : ' (skipped: nano is not in the build)'}`, () => {
  let work: string;
  beforeAll(async () => {
    work = mkdtempSync(join(tmpdir(), 'cultivar-without-effect-'));
    await drawDataset(join(work, 'photos'), { perClass: 6 });
  });
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  it('are told on the terminal, in --json and in the bundle, with where they stand', async () => {
    writeFileSync(join(work, 'mine.json'), JSON.stringify({ schedule: 'one-cycle', epochs: 5, seed: 4 }));
    const run = await cultivar(['train', 'photos', '--strategy', 'linear-probe', '--augment', 'mixup:alpha=0.3', '--augment', 'flip', '--regularize', 'l2', '--epochs', '2', '--learning-rate', '0.1', '--config', 'mine.json', '-o', 'out', '--json', '--quiet'], work);
    expect(run.code).toBe(0);
    const { warnings } = json<Warned>(run);
    const why = 'has no effect: strategy linear-probe trains nothing by steps; fine-tune-top, for one, does.';
    expect(warnings.map(({ message }) => message).sort()).toEqual([
      `--augment mixup:alpha=0.3 --augment flip ${why}`, `--epochs 2 ${why}`, `--learning-rate 0.1 ${why}`, `--regularize l2 ${why}`, `schedule: one-cycle (of mine.json) ${why}`,
    ]);
    for (const { message } of warnings) expect(run.stderr).toContain(`Warning: ${message}`);
    expect((JSON.parse(readFileSync(join(work, 'out', 'cultivar.json'), 'utf8')) as Warned).warnings).toEqual(warnings);
  }, 120_000);

  it.each<[string, string[], string[]]>([
    ['compare optimizers', ['sgd', '--epochs', '3'], ['epochs']],
    ['compare strategies', ['photos', '--strategies', 'linear-probe', '--batch-size', '4'], ['batchSize']],
  ])('%s', async (command, words, settings) => {
    const run = await cultivar([...command.split(' '), ...words, '-o', command.replace(' ', '-'), '--json', '--quiet'], work);
    expect([run.code, json<Warned>(run).warnings.map(({ setting }) => setting)]).toEqual([0, settings]);
    expect(run.stderr.match(/has no effect/g)).toHaveLength(settings.length);
  }, 120_000);
});
