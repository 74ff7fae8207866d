/** The library in a process of its own, as a Node program uses it. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nanoIsBuilt, repository } from './support/command.js';
import { drawDataset } from './support/drawn-images.js';

const program = (name: string, ...words: string[]): string =>
  execFileSync(process.execPath, ['--expose-gc', join(repository, 'test/support', name), ...words], { encoding: 'utf8' });

(nanoIsBuilt ? describe : describe.skip)(`library${nanoIsBuilt ? '' : ' (skipped: nano is not in the build)'}`, () => {
  let work: string;
  let data: string;
  let report: {
    bundle: string;
    events: string[];
    progress: string[];
    words: number;
    tensors: [number, number];
    aborted: string;
    wrong: string;
    printed: string;
  };
  beforeAll(async () => {
    work = mkdtempSync(join(tmpdir(), 'cultivar-library-'));
    data = await drawDataset(join(work, 'shapes'), { perClass: 12 });
    report = JSON.parse(program('fine-tune-with-library.mjs', data, join(work, 'bundle'))) as typeof report;
  }, 120_000);
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  it('fine-tunes, telling of everything in order', () => {
    const order = ['dataset', 'assessment', 'plan', 'phase-start', 'phase-end', 'evaluation', 'bundle'];
    expect(report.events.filter((type, index) => order.includes(type) && report.events.indexOf(type) === index)).toEqual(order);
    expect(report.progress.length).toBeGreaterThan(0);
    expect(report.words).toBeGreaterThanOrEqual(0);
  });

  it('leaves the tensor count as it was', () => {
    expect(report.tensors[1]).toBe(report.tensors[0]);
  });

  it('stops when its signal aborts, and says what is wrong with its options', () => {
    expect(report.aborted).toBe('RUN_ABORTED');
    expect(report.wrong).toBe('ARGUMENT_INVALID');
  });

  it('prints nothing by itself', () => {
    expect(report.printed).toBe('');
  });

  it('classifies a thousand times on flat memory, path, bytes and tensor alike', () => {
    const { marks, answers, left } = JSON.parse(program('classify-many.mjs', report.bundle, join(data, 'discs', '000.png'), '1000')) as {
      marks: { tensors: number; memory: number }[];
      answers: { label: string; probability: number }[][];
      left: number;
    };
    expect(answers).toHaveLength(1);
    expect(answers[0]?.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 5);
    expect(new Set(marks.map(({ tensors }) => tensors)).size).toBe(1);
    expect(left).toBe(0);
    // The first hundreds fill caches of the allocator; from there on, 20 MB is what sampling noise amounts to.
    expect((marks.at(-1)?.memory ?? 0) - (marks[2]?.memory ?? 0)).toBeLessThan(20e6);
  }, 120_000);
});
