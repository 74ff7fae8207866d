/** The studies as a user runs them: figures as JSON, pictures in a folder. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cultivar, json, nanoIsBuilt } from './support/command.js';
import { drawDataset } from './support/drawn-images.js';

let work: string;
beforeAll(() => { work = mkdtempSync(join(tmpdir(), 'cultivar-studies-')); });
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** Each is a whole SVG file. */
function expectPictures(pictures: readonly string[], names: readonly string[]): void {
  expect(pictures.map((path) => path.split(/[/\\]/).at(-1))).toEqual(names);
  for (const path of pictures) expect(readFileSync(path, 'utf8')).toMatch(/^<svg [^>]*xmlns=[\s\S]+<\/svg>\n$/);
}

describe('cultivar compare', () => {
  it('initializers: those asked for, layer by layer', async () => {
    const outcome = await cultivar(['compare', 'initializers', 'zeros', 'he', '--layers', '3', '--units', '16', '--samples', '16', '-o', 'initializers', '--json'], work);
    expect(outcome.code).toBe(0);
    const { trials, pictures } = json<{ trials: { initializer: string; activation: string; verdict: string; layers: unknown[] }[]; pictures: string[] }>(outcome);
    expect(trials.map(({ initializer, activation, verdict }) => [activation, initializer, verdict])).toEqual([
      ['tanh', 'zeros', 'symmetric'], ['tanh', 'he', 'steady'], ['relu', 'zeros', 'symmetric'], ['relu', 'he', 'steady'],
    ]);
    expect(trials[0]!.layers).toHaveLength(3);
    expectPictures(pictures, ['activations-tanh.svg', 'gradients-tanh.svg', 'activations-relu.svg', 'gradients-relu.svg']);
  });

  it('optimizers: paths on surfaces, and a table for people', async () => {
    const { code, stdout } = await cultivar(['compare', 'optimizers', 'sgd', 'momentum:momentum=0.5', '-o', 'optimizers'], work);
    expect(code).toBe(0);
    expect(stdout).toMatch(/sgd +0\.0133 at 0\.95/);
    expect(stdout).toMatch(/momentum:momentum=0\.5 .+ at 0\.1/);
    expect(stdout).toMatch(/Pictures: .+path-ravine\.svg, .+path-saddle\.svg, .+path-local-minimum\.svg/);
  });

  (nanoIsBuilt ? it : it.skip)('strategies: trained on images one after the other, and not again with --resume', async () => {
    const data = await drawDataset(join(work, 'compared'), { perClass: 10 });
    const words = ['compare', 'strategies', data, '--strategies', 'linear-probe', 'head2toe:fractions=[0.2;1]', '--per-class', '6', '-o', 'strategies'];
    const outcome = await cultivar([...words, '--json'], work);
    expect(outcome.code).toBe(0);
    const { strategies, pictures, out } = json<{ strategies: { strategy: string; images: number; accuracy: number; loss: number; difference?: { accuracy: { mean: number } } }[]; pictures: string[]; out: string }>(outcome);
    expect(strategies.map(({ strategy, images }) => [strategy, images])).toEqual([['linear-probe', 6], ['head2toe:fractions=[0.2;1]', 6]]);
    expect(strategies[1]!.difference!.accuracy.mean).toBeCloseTo(strategies[1]!.accuracy - strategies[0]!.accuracy, 6);
    expectPictures(pictures, ['accuracy.svg', 'loss.svg']);

    const predicted = await cultivar(['evaluate', join(out, 'linear-probe'), data, '--json'], work);
    expect(json<{ metrics: { images: number } }>(predicted).metrics.images).toBe(30);
    const again = await cultivar([...words, '--resume'], work);
    expect([again.code, again.stderr]).toEqual([0, expect.not.stringContaining('Computing features')]);
    expect(again.stdout).toContain('Against linear-probe, on the same images:');
    expect(again.stdout).toMatch(new RegExp(`head2toe.+ ${strategies[1]!.loss.toFixed(4)} `));
    const twice = await cultivar(words, work);
    expect([twice.code, twice.stderr]).toEqual([2, expect.stringContaining('OUTPUT_EXISTS')]);
  }, 120_000);

  it('says what it does not know', async () => {
    const { code, stderr } = await cultivar(['compare', 'optimizers', 'adamm'], work);
    expect(code).toBe(2);
    expect(stderr).toContain('There is no optimizer called adamm');
  });
});

describe('cultivar find-rate', () => {
  const maybe = nanoIsBuilt ? it : it.skip;
  maybe('suggests a rate for images, with both searches as pictures', async () => {
    const data = await drawDataset(join(work, 'shapes'), { perClass: 8 });
    const outcome = await cultivar(['find-rate', data, '--batch-size', '8', '--range-epochs', '4', '--sweep-epochs', '1', '--from', '1e-4', '--to', '0.1', '-o', 'rates', '--json'], work);
    expect(outcome.code).toBe(0);
    const { suggestion, sweep, range, pictures } = json<{ suggestion: number; sweep: { rate: number }[]; range: unknown[]; pictures: string[] }>(outcome);
    expect(sweep.map(({ rate }) => rate)).toEqual([1e-4, 1e-3, 1e-2, 1e-1]);
    expect(suggestion).toBeGreaterThan(1e-5);
    expect(suggestion).toBeLessThanOrEqual(0.1);
    expect(range.length).toBeGreaterThan(4);
    expectPictures(pictures, ['range-test.svg', 'rate-sweep.svg']);
  });

  maybe('suggests none where every rate tried ends worse than guessing, and says so', async () => {
    const data = await drawDataset(join(work, 'ruined'), { perClass: 4 });
    const words = ['find-rate', data, '--range-epochs', '1', '--sweep-epochs', '1', '--from', '1e4', '--to', '1e5', '-q'];
    const people = await cultivar(words, work);
    expect(people).toMatchObject({ code: 1, stdout: expect.stringContaining('Suggested: none') });
    const machine = await cultivar([...words, '--json'], work);
    expect([machine.code, json<{ suggestion: null }>(machine).suggestion]).toEqual([1, null]);
  });

  it('refuses a strategy that takes no steps', async () => {
    const data = await drawDataset(join(work, 'few'), { perClass: 3 });
    const { code, stderr } = await cultivar(['find-rate', data, '--strategy', 'linear-probe'], work);
    expect(code).toBe(2);
    expect(stderr).toContain('there is no rate to look at');
  });
});
