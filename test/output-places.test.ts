/** Output that cannot be written is said before any work is done: the data, which are found wrong as soon as they are looked at, are not looked at. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isCultivarError } from '@cultivar/sdk';
import { compareStrategies, crossValidate, fineTune, learningCurve, tune } from 'cultivar';
import { repository } from './support/command.js';
import { cultivarHere } from './support/command-in-process.js';

let work: string;
const mountable = mayMount();

/** Whether this process may mount a file system of a size of its own. */
function mayMount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const folder = mkdtempSync(join(tmpdir(), 'cultivar-mount-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', 'none', folder]).status === 0;
  if (mounted) spawnSync('umount', [folder]);
  rmSync(folder, { recursive: true, force: true });
  return mounted;
}

beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), 'cultivar-places-'));
  mkdirSync(join(work, 'data'));
  writeFileSync(join(work, 'file'), '');
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** What each would say next, were the place to write to right. */
const commands: [string, string[], string][] = [
  ['train', ['train', 'data'], 'DATA_EMPTY'],
  ['train --ensemble', ['train', 'data', '--ensemble', 'bagging'], 'DATA_EMPTY'],
  ['tune', ['tune', 'data', '--method', 'random', '--search', 'batchSize=8|16'], 'DATA_EMPTY'],
  ['cross-validate', ['cross-validate', 'data'], 'DATA_EMPTY'],
  ['compare strategies', ['compare', 'strategies', 'data'], 'DATA_EMPTY'],
  ['compare initializers', ['compare', 'initializers', 'nosuch'], 'CONTRIBUTION_UNKNOWN'],
  ['compare optimizers', ['compare', 'optimizers', 'nosuch'], 'CONTRIBUTION_UNKNOWN'],
  ['find-rate', ['find-rate', 'data'], 'DATA_EMPTY'],
  ['study learning-curve', ['study', 'learning-curve', 'data'], 'DATA_EMPTY'],
  ['preview', ['preview', 'data'], 'DATA_EMPTY'],
];
const calls: [string, (out: string) => Promise<unknown>][] = [
  ['fineTune', (out) => fineTune({ data: join(work, 'data'), out })],
  ['fineTune with an ensemble', (out) => fineTune({ data: join(work, 'data'), out, ensemble: 'bagging' })],
  ['tune', (out) => tune(join(work, 'data'), { out, method: 'random', search: ['batchSize=8|16'] })],
  ['crossValidate', (out) => crossValidate(join(work, 'data'), { out })],
  ['learningCurve', (out) => learningCurve(join(work, 'data'), { out })],
  ['compareStrategies', (out) => compareStrategies(join(work, 'data'), { out })],
];

const codeOf = async (words: string[]): Promise<string> => (JSON.parse((await cultivarHere([...words, '--json'], work)).stdout) as { error: { code: string } }).error.code;
const codeFrom = (promise: Promise<unknown>): Promise<string> => promise.then(() => 'done', (error: unknown) => (isCultivarError(error) ? error.code : String(error)));

describe('a place that cannot be written to', () => {
  it.each(commands)('%s', async (name, words, next) => {
    const out = (place: string) => codeOf([...words, '--out', place]);
    expect([await out('file'), await out('file/in'), await out('data')]).toEqual(
      name === 'preview' ? ['OUTPUT_EXISTS', 'OUTPUT_WRITE', 'OUTPUT_WRITE'] : ['OUTPUT_EXISTS', 'OUTPUT_WRITE', next],
    );
    expect(await out('made')).toBe(next);
    expect(await codeOf(words)).toBe(next);
    // Nothing is left of what came to nothing.
    expect([readdirSync(work).sort(), readdirSync(join(work, 'data'))]).toEqual([['data', 'file'], []]);
  });

  it.each([
    ['preview ../tables/leaves --images 1 --views 1 --size 20', 'preview-leaves', 'preview.png'], ['study bias-variance', 'bias-variance', 'bias-variance.svg'],
    ['compare initializers he --layers 2 --units 4 --samples 4', 'compare-initializers', 'activations-tanh.svg'], ['compare optimizers sgd', 'compare-optimizers', 'path-ravine.svg'],
  ])('%s: by default a folder of its own in cultivar-out; one that is not empty is refused', async (line, folder, picture) => {
    const own = join(work, 'own');
    mkdirSync(own);
    symlinkSync(join(repository, 'datasets'), join(work, 'tables'));
    const words = line.split(' ');
    try {
      for (const name of [folder, `${folder}-2`]) {
        expect((await cultivarHere([...words, '--quiet'], own)).code).toBe(0);
        expect(readdirSync(join(own, 'cultivar-out', name))).toContain(picture);
      }
      expect(readdirSync(own)).toEqual(['cultivar-out']);
      const out = join('cultivar-out', folder, ...(words[0] === 'preview' ? [picture] : []));
      expect(JSON.parse((await cultivarHere([...words, '--out', out, '--json'], own)).stdout)).toMatchObject({ error: { code: 'OUTPUT_EXISTS' } });
    } finally {
      rmSync(own, { recursive: true });
      rmSync(join(work, 'tables'));
    }
  });

  it.each(calls)('%s()', async (_, call) => {
    expect([await codeFrom(call(join(work, 'file'))), await codeFrom(call(join(work, 'file', 'in'))), await codeFrom(call(join(work, 'made')))]).toEqual(['OUTPUT_EXISTS', 'OUTPUT_WRITE', 'DATA_EMPTY']);
    expect(readdirSync(work).sort()).toEqual(['data', 'file']);
  });

  (mountable ? it : it.skip)(`a disk that is full${mountable ? '' : ' (skipped: no file system can be mounted here)'}, a disk that is read-only`, async () => {
    const disk = join(work, 'disk');
    mkdirSync(disk);
    for (const option of ['size=64k', 'ro']) {
      expect(spawnSync('mount', ['-t', 'tmpfs', '-o', option, 'none', disk]).status).toBe(0);
      try {
        const found: string[] = [];
        for (const [name, words] of commands) if (name !== 'preview' || option === 'ro') found.push(`${name}: ${await codeOf([...words, '--out', join(disk, 'out')])}`);
        for (const [name, call] of calls) found.push(`${name}(): ${await codeFrom(call(join(disk, 'out')))}`);
        expect([option, found.filter((line) => !line.endsWith(': OUTPUT_WRITE'))]).toEqual([option, []]);
        expect(readdirSync(disk)).toEqual([]);
      } finally {
        spawnSync('umount', [disk]);
      }
    }
  });
});
