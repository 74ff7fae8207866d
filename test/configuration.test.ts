/** Which calls and commands read the configuration of the working folder. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as library from 'cultivar';
import { cultivarHere } from './support/command-in-process.js';

let folder: string;
let before: string;
const mark = () => join(folder, 'read');
const wasRead = (): boolean => {
  const read = existsSync(mark());
  rmSync(mark(), { force: true });
  return read;
};
beforeAll(() => {
  before = process.cwd();
  folder = mkdtempSync(join(tmpdir(), 'cultivar-configuration-'));
  process.chdir(folder);
  mkdirSync(join(folder, 'empty'));
  const content = `import { writeFileSync } from 'node:fs'; writeFileSync(${JSON.stringify(mark())}, ''); export default { seed: 3 };`;
  writeFileSync(join(folder, 'cultivar.config.mjs'), content);
  writeFileSync(join(folder, 'other.mjs'), `import { writeFileSync } from 'node:fs'; writeFileSync(${JSON.stringify(mark())}, 'other'); export default {};`);
});
afterAll(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true, force: true });
});

describe('the library', () => {
  type Call = (around: { config?: string | URL | boolean }) => Promise<unknown>;
  // Of data that hold nothing: they fail once they look at it.
  const calls: Record<string, Call> = {
    fineTune: (around) => library.fineTune({ data: 'empty', out: 'out', ...around }),
    evaluate: (around) => library.evaluate('empty', 'empty', around),
    preview: (around) => library.preview('empty', around),
    findRate: (around) => library.findRate('empty', around),
    tune: (around) => library.tune('empty', { out: 'tuned', ...around }),
    crossValidate: (around) => library.crossValidate('empty', { out: 'folds', ...around }),
    learningCurve: (around) => library.learningCurve('empty', { out: 'curve', ...around }),
    compareStrategies: (around) => library.compareStrategies('empty', { out: 'strategies', ...around }),
    compareOptimizers: (around) => library.compareOptimizers({ optimizers: ['sgd'], data: 'empty', ...around }),
    compareInitializers: (around) => library.compareInitializers({ initializers: ['he'], layers: 1, units: 2, samples: 2, ...around }),
  };
  it.each(Object.keys(calls))('%s reads none unless it is told to', async (name) => {
    const call = calls[name]!;
    const reads: boolean[] = [];
    for (const around of [{}, { config: false }, { config: undefined }]) {
      await call(around).catch(() => undefined);
      reads.push(wasRead());
    }
    expect(reads).toEqual([false, false, false]);
    rmSync('folds', { recursive: true, force: true });
    // A file runs once a process: each name is read for the first time by one of the calls, and its absence is said by all.
    for (const config of ['gone.mjs', pathToFileURL(join(folder, 'gone.mjs'))]) await expect(call({ config })).rejects.toMatchObject({ code: 'CONFIG_NOT_FOUND' });
  });

  it('reads that of the working folder, or another, when told to', async () => {
    const said: string[] = [];
    const logger = { debug: () => {}, info: (line: string) => { said.push(line); }, warn: () => {} };
    await library.preview('empty', { config: true, logger }).catch(() => undefined);
    expect([wasRead(), said[0]]).toEqual([true, expect.stringMatching(/^Settings and plugins of .+cultivar\.config\.mjs count\.$/)]);
    await library.preview('empty', { config: pathToFileURL(join(folder, 'other.mjs')) }).catch(() => undefined);
    expect(wasRead()).toBe(true);
  });
});

describe('the command line', () => {
  // A file runs once a process; that it counts is said each time.
  const said = ({ stderr }: { stderr: string }): string[] => [...stderr.matchAll(/Settings and plugins of .+[/\\](.+) count\./g)].map(([, name]) => name!);

  it.each([
    ['train', 'empty'], ['tune', 'empty'], ['find-rate', 'empty'], ['cross-validate', 'empty', '-o', 'crossed'], ['study', 'learning-curve', 'empty', '-o', 'learned'], ['preview', 'empty'],
    ['compare', 'strategies', 'empty'], ['compare', 'optimizers', 'sgd', '--data', 'empty'], ['compare', 'initializers', 'he', '--layers', '1', '--units', '2', '--samples', '2'],
  ])('reads it where a run is set up, and says so: %s %s', async (...words) => {
    expect(said(await cultivarHere(words, folder))).toEqual(['cultivar.config.mjs']);
    expect(said(await cultivarHere([...words, '--config', 'other.mjs'], folder))).toEqual(['other.mjs']);
  });

  it.each([['predict', 'empty', 'other.mjs'], ['evaluate', 'empty', 'empty'], ['plugins', 'list'], ['plugins', 'info', 'adam'], ['data', 'check', 'empty'], ['native', 'status']])('does not read it elsewhere: %s %s', async (...words) => {
    expect(said(await cultivarHere(words, folder))).toEqual([]);
    if (['data', 'native'].includes(words[0]!)) return;
    expect(said(await cultivarHere([...words, '--config', 'other.mjs'], folder))).toEqual(['other.mjs']);
  });
});
