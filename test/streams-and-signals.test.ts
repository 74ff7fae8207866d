/** Streams that take nothing more, terminals that are closed, processes that may open few files, disks that cannot be written: one sentence with a code each, and no work lost. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bin, nanoIsBuilt, start } from './support/command.js';
import { drawDataset } from './support/drawn-images.js';

const posix = process.platform !== 'win32';
const full = existsSync('/dev/full');
let work: string;
beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'cultivar-streams-'));
  await drawDataset(join(work, 'shapes'), { perClass: 6 });
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** Runs a line of a shell; `$CULTIVAR` is the command. */
function shell(line: string): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync('bash', ['-c', `set -o pipefail; ${line.replaceAll('$CULTIVAR', `"${process.execPath}" "${bin}"`)}`], { cwd: work, encoding: 'utf8' });
  expect(stderr).not.toMatch(/\n\s+at |node:events/);
  return { status, stdout, stderr };
}

(posix ? describe : describe.skip)(`the command line${posix ? '' : ' (skipped: written for POSIX shells)'}`, () => {
  it('whose reader has seen enough ends as if nothing were amiss', () => {
    expect(shell('$CULTIVAR plugins list | head -1')).toMatchObject({ status: 0, stderr: '' });
    expect(shell('$CULTIVAR --help | true')).toMatchObject({ status: 0, stderr: '' });
  });

  (full ? it : it.skip).each(['plugins list --json', '--help'])(`that cannot write its result says so: %s${full ? '' : ' (skipped: no /dev/full here)'}`, (words) => {
    const { status, stderr } = shell(`$CULTIVAR ${words} > /dev/full`);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^Error: The result could not be written to standard output \(no space is left on the disk\)\.\n {2}.+ \[STDOUT_WRITE\]\n$/);
  });

  (full ? it : it.skip)(`whose error cannot be said keeps to its exit code${full ? '' : ' (skipped: no /dev/full here)'}`, () => {
    expect(shell('$CULTIVAR train nowhere --json 2> /dev/full')).toMatchObject({ status: 2, stdout: expect.stringContaining('DATA_NOT_FOUND') });
    expect(shell('$CULTIVAR train nowhere --json > /dev/full 2>&1').status).toBe(2);
  });

  it.each([24])('that may open only %s files says that', (files) => {
    const { status, stdout, stderr } = shell(`ulimit -n ${files}; $CULTIVAR train shapes --json`);
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'OPEN_FILES' } });
    expect(stderr).toMatch(/^Error: Too many files are open at once.*\n {2}Allow more with `ulimit -n 4096`.* \[OPEN_FILES\]\n$/);
  });

  it.each([
    ['train shapes --out file/in', 1, 'OUTPUT_WRITE'], ['study bias-variance --out file/in', 1, 'OUTPUT_WRITE'], ['preview shapes --augment flip --out shapes', 1, 'OUTPUT_WRITE'],
  ])('that is to write where a file or a folder is in the way says so: %s', (words, status, code) => {
    if (!existsSync(join(work, 'file'))) writeFileSync(join(work, 'file'), '');
    const outcome = shell(`$CULTIVAR ${words} --json`);
    expect(outcome.status).toBe(status);
    expect(JSON.parse(outcome.stdout)).toMatchObject({ error: { code, message: expect.not.stringMatching(/\(E[A-Z]+\)/) } });
  });

  (nanoIsBuilt ? it : it.skip)(`that may write no file of some size says so, and what was written before is there${nanoIsBuilt ? '' : ' (skipped: nano is not in the build)'}`, () => {
    const { status, stdout } = shell('ulimit -f 20; $CULTIVAR train shapes --strategy linear-probe --json --out limited 2> /dev/null');
    expect({ status, error: (JSON.parse(stdout) as { error: { code: string; message: string } }).error }).toMatchObject({
      status: 1, error: { code: 'OUTPUT_WRITE', message: expect.stringContaining('the file would be larger than is allowed here') },
    });
  });

  (nanoIsBuilt ? it : it.skip)(`stops at the next step with the best model saved when its terminal is closed, however often it is told${nanoIsBuilt ? '' : ' (skipped: nano is not in the build)'}`, async () => {
    mkdirSync(join(work, 'hung-up'));
    const words = ['train', join(work, 'shapes'), '--json', '--strategy', 'fine-tune-top', '--epochs', '60', '--batch-size', '8', '--out', 'out'];
    const running = start(words, join(work, 'hung-up'));
    await new Promise<void>((resolve, reject) => {
      const timer = setInterval(() => {
        if (!/epoch 1:[^]*epoch 1:|epoch 2:/.test(running.stderr())) return;
        clearInterval(timer);
        // What it says from now on reaches nobody.
        running.child.stderr!.destroy();
        running.child.kill('SIGHUP');
        running.child.kill('SIGHUP');
        resolve();
      }, 5);
      void running.outcome.then(() => { clearInterval(timer); reject(new Error(`ended before the signal:\n${running.stderr()}`)); });
    });
    const { code, signal, stdout } = await running.outcome;
    expect({ code, signal }).toEqual({ code: 1, signal: null });
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'RUN_ABORTED' } });
    expect(existsSync(join(work, 'hung-up', 'out', '.run', 'best', 'cultivar.json'))).toBe(true);
  }, 60_000);
});
