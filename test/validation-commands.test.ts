/** Tuning, validation and ensembles as a user runs them. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cultivar, json, nanoIsBuilt } from './support/command.js';
import { drawDataset } from './support/drawn-images.js';

let work: string;
let data: string;
beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'cultivar-validation-'));
  data = await drawDataset(join(work, 'shapes'), { perClass: 12 });
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

const picture = (path: string): string => readFileSync(path, 'utf8');

describe('without data', () => {
  it('cultivar study bias-variance: the parts sum to the error', async () => {
    const outcome = await cultivar(['study', 'bias-variance', '-o', 'parts', '--json'], work);
    expect(outcome.code).toBe(0);
    const { parts, pictures } = json<{ parts: { bias: number; variance: number; noise: number; error: number }[]; pictures: string[] }>(outcome);
    for (const { bias, variance, noise, error } of parts) expect(Math.abs(bias + variance + noise - error)).toBeLessThan(0.05 * error);
    expect(picture(pictures[0]!)).toMatch(/^<svg/);
  });

  it('says what is wrong with a search, and with sizes', async () => {
    const search = await cultivar(['tune', data, '--method', 'random', '--search', 'colour=1..2'], work);
    expect([search.code, search.stderr]).toEqual([2, expect.stringContaining('SEARCH_INVALID')]);
    const sizes = await cultivar(['study', 'learning-curve', data, '--sizes', '9,3'], work);
    expect([sizes.code, sizes.stderr]).toEqual([2, expect.stringContaining('COMMAND_INVALID')]);
  });
});

const withNano = nanoIsBuilt ? describe : describe.skip;
withNano('on images', () => {
  it('cultivar cross-validate: every image once', async () => {
    const outcome = await cultivar(['cross-validate', data, '--folds', '3', '--strategy', 'linear-probe', '-o', 'folds', '--json'], work);
    expect(outcome.code).toBe(0);
    const { folds, pooled } = json<{ folds: { images: number }[]; pooled: { images: number } }>(outcome);
    expect(folds.reduce((sum, { images }) => sum + images, 0)).toBe(pooled.images);
  });

  it('cultivar study learning-curve: a point for each size', async () => {
    const outcome = await cultivar(['study', 'learning-curve', data, '--sizes', '2,6', '--strategy', 'linear-probe', '-o', 'curve', '--json'], work);
    expect(outcome.code).toBe(0);
    const { points, pictures } = json<{ points: { perClass: number }[]; pictures: string[] }>(outcome);
    expect(points.map(({ perClass }) => perClass)).toEqual([2, 6]);
    expect(picture(pictures[0]!)).toMatch(/^<svg/);
  });

  it('cultivar train --ensemble: one bundle, which predicts', async () => {
    const outcome = await cultivar(['train', data, '--ensemble', 'bagging:members=3', '--strategy', 'linear-probe', '-o', 'ensemble', '-q'], work);
    expect([outcome.code, outcome.stderr]).toEqual([0, expect.stringContaining('accuracy')]);
    expect(existsSync(join(work, 'ensemble', 'cultivar.json'))).toBe(true);
    const { metrics } = json<{ metrics: { images: number } }>(await cultivar(['evaluate', 'ensemble', data, '--json'], work));
    expect(metrics.images).toBeGreaterThan(0);
  });
});
