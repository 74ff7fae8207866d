/** Records of real runs, a byte of them other, by the commands that go on from them: what is damaged is said and made again, to the same numbers. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cultivar, nanoIsBuilt, repository } from './support/command.js';
import { cultivarHere } from './support/command-in-process.js';
import { drawDataset } from './support/drawn-images.js';

let work: string;
beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'cultivar-records-'));
  await drawDataset(join(work, 'photos'), { perClass: 6 });
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** Without times and places. */
const lasting = (text: string): unknown => JSON.parse(text, (key, own: unknown) => (/seconds$/i.test(key) || ['bundle', 'out', 'pictures'].includes(key) ? undefined : own));
const flip = (path: string, at: number): void => {
  const bytes = readFileSync(path);
  bytes[Math.floor(at * bytes.length)]! ^= 4;
  writeFileSync(path, bytes);
};

interface Kind {
  words: string[];
  /** Ends the run when all of its parts are there. */
  kill?: string;
  /** Files, and where in each of them. */
  records: [file: string, at: number][];
}
const kinds: Record<string, Kind> = {
  tune: {
    words: ['tune', 'photos', '--method', 'random', '--search', 'learningRate=log:1e-4..1e-2', '--trials', '2', '--epochs', '1', '--batch-size', '8'],
    records: [['trials.jsonl', 0.3]],
  },
  'cross-validate': { words: ['cross-validate', 'photos', '--strategy', 'linear-probe', '--folds', '2'], records: [['fold-1/answers.json', 0.3], ['fold-2/weights.bin', 0.5]] },
  'train --ensemble': {
    words: ['train', 'photos', '--strategy', 'linear-probe', '--ensemble', 'bagging:members=2'], kill: 'cultivar.json:3:before',
    records: [['.run/members/1.bin', 0.9], ['.run/members/2/cultivar.json', 0.5]],
  },
};

(nanoIsBuilt ? describe : describe.skip)(`records of which a byte is other${nanoIsBuilt ? '' : ' (skipped: nano is not in the build)'}`, () => {
  it.each(Object.entries(kinds))('%s', async (name, { words, kill, records }) => {
    const all = [...words, '--seed', '5', '--json'];
    const run = async (out: string, ...more: string[]) => {
      const { code, stdout, stderr } = await cultivarHere([...all, '--out', out, ...more], work);
      return { code, stderr, result: lasting(stdout), weights: kill && createHash('sha256').update(readFileSync(join(work, out, 'weights.bin'))).digest('hex') };
    };
    const out = name.replaceAll(/\W+/g, '-');
    const whole = await run(out);
    expect(whole.code).toBe(0);
    const stopped = kill === undefined ? out : `${out}-stopped`;
    if (kill !== undefined) {
      const preload = join(repository, 'test', 'support', 'killed-while-writing.cjs');
      expect((await cultivar([...all, '--out', stopped], work, { NODE_OPTIONS: `--require ${preload}`, CULTIVAR_TEST_KILL: kill })).signal).toBe('SIGKILL');
    }
    for (const [index, [file, at]] of records.entries()) {
      const damaged = `${out}-${index}`;
      cpSync(join(work, stopped), join(work, damaged), { recursive: true });
      flip(join(work, damaged, file), at);
      const { stderr, ...again } = await run(damaged, '--resume');
      expect({ file, ...again }).toEqual({ file, code: 0, result: whole.result, weights: whole.weights });
      expect({ file, stderr }).toEqual({ file, stderr: expect.stringMatching(/is damaged.+\[(?:RUN_DAMAGED|BUNDLE_\w+)\]/) });
    }
  }, 600_000);
});
