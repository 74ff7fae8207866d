/** A library is a guest: what every public call leaves behind in the process of an application. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nanoIsBuilt, repository } from './support/command.js';
import { drawDataset } from './support/drawn-images.js';

interface Report {
  report: Record<string, { changes: string[] }>;
  heard: string[];
  started: string[];
}

(nanoIsBuilt ? describe : describe.skip)(`a guest in the process${nanoIsBuilt ? '' : ' (skipped: nano is not in the build)'}`, () => {
  let work: string;
  let data: string;
  const visit = (...calls: string[]): Report =>
    JSON.parse(execFileSync(process.execPath, [join(repository, 'test/support/guest.mjs'), data, work, ...calls], { encoding: 'utf8', cwd: work, timeout: 110_000 })) as Report;
  beforeAll(async () => {
    work = mkdtempSync(join(tmpdir(), 'cultivar-guest-'));
    data = await drawDataset(join(work, 'shapes'), { perClass: 5, classes: ['discs', 'stripes'] });
  });
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  /** What an opened model holds until it is disposed, and that tfjs computes at all where it did not before. */
  const expected = /^(?:tensors: 0 -> \d+|tensors: \d+ -> 0|tfjs backend: undefined -> (?:cpu|wasm))$/;
  const changed = ({ report }: Report): string[] => Object.entries(report).flatMap(([call, { changes }]) => changes.filter((change) => !expected.test(change)).map((change) => `${call}: ${change}`));

  it('every public call leaves listeners, globals, environment, flags and settings as they were; a rejection that the host reports ends nothing', () => {
    const found = visit('fineTune', 'load', 'classify', 'dispose', 'evaluate', 'preview', 'findRate', 'tune', 'crossValidate', 'learningCurve', 'compareInitializers', 'compareOptimizers', 'compareStrategies', 'aborted');
    expect(changed(found)).toEqual([]);
    expect(found.heard).toEqual(['unhandledRejection of the host']);
    expect(found.report['dispose']?.changes).toEqual([expect.stringMatching(/^tensors: \d+ -> 0$/)]);
  }, 120_000);

  it('WebAssembly is not started where the engine onnx does all', () => {
    const found = visit('load', 'classify', 'evaluate', 'dispose');
    expect([changed(found), found.started, found.heard]).toEqual([[], ['cpu'], ['unhandledRejection of the host']]);
  });

  it('the backend of tfjs that the host has made the active one stays the active one', () => {
    expect(changed(visit('load@cpu', 'classify', 'dispose', 'loadTfjs@cpu', 'classify', 'dispose', 'aborted', 'evaluate', 'preview', 'compareOptimizers'))).toEqual([]);
  });
});
