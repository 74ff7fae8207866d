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
  }, 240_000);

  it('of a configuration that another run goes before are told too, and options that a strategy and the run both set', async () => {
    await cultivar(['train', 'photos', '--strategy', 'linear-probe', '-o', 'first', '--quiet'], work);
    writeFileSync(join(work, 'other.json'), JSON.stringify({ strategy: 'stage-probe', seed: 4 }));
    const again = await cultivar(['train', '--from', 'first', '--seed', '5', '--config', 'other.json', '-o', 'again', '--json', '--quiet'], work);
    expect(json<Warned>(again).warnings.map(({ message }) => message)).toEqual(['strategy: stage-probe (of other.json) has no effect: the settings of the run in first are taken.']);
    const both = await cultivar(['compare', 'strategies', 'photos', '--strategies', 'linear-probe', 'fine-tune-top:epochs=3', '--epochs', '1', '-o', 'both', '--json', '--quiet'], work);
    expect(json<Warned>(both).warnings.map(({ message }) => message)).toEqual(['Option epochs of --strategies fine-tune-top:epochs=3 has no effect: the setting epochs of the run goes before it.']);
  }, 240_000);

  it('of a search are told: those that it displaces, and those that it tries in vain', async () => {
    const tune = (...words: string[]) => cultivar(['tune', 'photos', '--method', 'random', '--trials', '1', '--epochs', '1', '-o', `tune-${words.length}`, '--json', '--quiet', ...words], work);
    const displaced = await tune('--batch-size', '4', '--optimizer', 'adam:beta1=0.8,beta2=0.9', '--search', 'batchSize=8', '--search', 'optimizer.beta1=0.9|0.95');
    expect(json<Warned>(displaced).warnings.map(({ message }) => message)).toEqual([
      '--batch-size 4 has no effect: it is searched.', 'Option beta1 of --optimizer adam:beta1=0.8,beta2=0.9 has no effect: it is searched.',
    ]);
    const vain = await tune('--strategy', 'linear-probe', '--search', 'learningRate=0.1|0.2');
    const why = 'has no effect: strategy linear-probe trains nothing by steps; fine-tune-top, for one, does.';
    expect(json<Warned>(vain).warnings.map(({ message }) => message).sort()).toEqual([`--epochs 1 ${why}`, `--search learningRate=0.1|0.2 ${why}`]);
    const halving = await cultivar(['tune', 'photos', '--method', 'halving', '--search', 'epochs=1..2', '-o', 'halving', '--json'], work);
    expect([halving.code, halving.stderr]).toEqual([2, expect.stringContaining('SEARCH_INVALID')]);
  }, 240_000);

  it('of evaluate() are in its warnings, as they are of the command', async () => {
    const { evaluate } = await import('../packages/cultivar/dist/index.js');
    const said: string[] = [];
    const logger = { debug() {}, info() {}, warn: (line: string) => { said.push(line); } };
    const { warnings } = await evaluate(join(work, 'first'), join(work, 'photos'), { keep: true, logger });
    expect(warnings.map(({ message }) => message)).toEqual(['keep: true has no effect: neither crops nor monteCarlo says how the model is to predict from now on.']);
    expect(said).toEqual(warnings.map(({ message }) => message));
    writeFileSync(join(work, 'reading.json'), JSON.stringify({ csv: { path: 'img', label: 'breed' }, epochs: 3 }));
    writeFileSync(join(work, 'photos.csv'), 'img,breed\nphotos/discs/000.png,discs\nphotos/checks/001.png,checks\n');
    const table = await cultivar(['evaluate', 'first', 'photos.csv', '--config', 'reading.json', '--quiet'], work);
    expect([table.code, table.stdout, table.stderr]).toEqual([0, expect.stringContaining('on 2 images'), expect.stringMatching(/^Warning: Settings of .*reading\.json that have no effect here: epochs\.$/m)]);
    const command = json<Warned & { metrics: object }>(await cultivar(['evaluate', 'first', 'photos', '--dropout', '0x3', '--json', '--quiet'], work));
    expect(command.warnings.map(({ message }) => message)).toEqual(['--dropout 0x3 has no effect: at a rate of 0 nothing is dropped.']);
    expect(command.metrics).not.toHaveProperty('warnings');
  }, 240_000);

  it('are told of the environment, where they are slips; and values of an option that is given again', async () => {
    expect((await cultivar(['plugins', 'list', 'solver'], work, { CULTIVAR_CAHCE: '/tmp' })).stderr).toContain('CULTIVAR_CAHCE has no effect (did you mean CULTIVAR_CACHE?)');
    const again = await cultivar(['data', 'check', 'photos', '--max-pixels', '5000', '--max-pixels=6000', '--quiet', '--quiet', '--class-folders', 'outer', '--class-folders', 'outer'], work);
    expect([again.code, again.stderr.match(/.*given again.*/g)]).toEqual([0, ['Warning: --max-pixels 5000 has no effect: it is given again, as 6000.']]);
    expect(await cultivar(['data', 'check', 'photos', '--split', 'a=train', '--split', 'a=val'], work)).toMatchObject({ code: 2, stderr: expect.stringMatching(/both train and val.*\n.*COMMAND_INVALID/) });
  }, 240_000);

  it.each<[string, string[], string[]]>([
    ['compare optimizers', ['sgd', '--epochs', '3'], ['epochs']],
    ['compare strategies', ['photos', '--strategies', 'linear-probe', '--batch-size', '4'], ['batchSize']],
  ])('%s', async (command, words, settings) => {
    const run = await cultivar([...command.split(' '), ...words, '-o', command.replace(' ', '-'), '--json', '--quiet'], work);
    expect([run.code, json<Warned>(run).warnings.map(({ setting }) => setting)]).toEqual([0, settings]);
    expect(run.stderr.match(/has no effect/g)).toHaveLength(settings.length);
  }, 240_000);
});
