import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isLockName, lockFolder, lockName } from './folder-lock.js';
import { thisProcess } from './process-identity.js';

let folder: string;
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'cultivar-lock-')); });
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const locks = () => readdirSync(folder).filter(isLockName);
const built = new URL('../build/folder-lock.js', import.meta.url).href;

/** A process that takes the folder, and what it says. */
function taker(body: string) {
  const child = spawn(process.execPath, ['--input-type=module', '-e', `import { lockFolder } from ${JSON.stringify(built)};\nimport { appendFileSync } from 'node:fs';\n${body}`], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => { said += chunk.toString(); });
  const ended = new Promise<string>((resolve) => { child.on('close', () => resolve(said)); });
  const ready = new Promise<void>((resolve) => { child.stdout.once('data', () => resolve()); });
  return { child, ended, ready };
}

describe('the lock of a folder', () => {
  it('has one owner, who is named, until it is given back', async () => {
    const lock = await lockFolder(folder);
    await expect(lockFolder(folder)).rejects.toMatchObject({ code: 'OUTPUT_BUSY', exit: 2, message: `${folder} is being written to by another run in this process.`, mend: expect.stringContaining(locks()[0]!) });
    await lock.release();
    await lock.release();
    expect(locks()).toEqual([]);
    await (await lockFolder(folder)).release();
  });

  it('goes to exactly one of many that come at once', async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: 12 }, () => lockFolder(folder)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes) if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'OUTPUT_BUSY' });
    expect(locks()).toHaveLength(1);
  });

  it('of a process that was killed is taken over, by one of several', async () => {
    const { child, ended, ready } = taker("await lockFolder('.'); console.log('mine'); setInterval(() => {}, 1000);");
    await ready;
    await expect(lockFolder(folder)).rejects.toMatchObject({ code: 'OUTPUT_BUSY', message: `${folder} is being written to by process ${child.pid}.` });
    child.kill('SIGKILL');
    await ended;
    expect(locks()).toHaveLength(1);
    const body = `
      const lock = await lockFolder('.', { patience: 20_000 });
      appendFileSync('diary', 'in ');
      await new Promise((resolve) => setTimeout(resolve, 30));
      appendFileSync('diary', 'out ');
      await lock.release();`;
    await Promise.all([1, 2, 3].map(() => taker(body).ended));
    expect(readFileSync(join(folder, 'diary'), 'utf8')).toBe('in out in out in out ');
    expect(locks()).toEqual([]);
  });

  it('is not that of a later process with the same number, nor of the machine before it was started again', async () => {
    const here = await thisProcess();
    const former = [lockName({ ...here, boot: 'before' }), ...(here.start === '0' ? [] : [lockName({ ...here, start: '1' })])];
    for (const name of former) writeFileSync(join(folder, name), '');
    await (await lockFolder(folder)).release();
    expect(locks()).toEqual([]);
  });

  it('of another machine or container cannot be tested: the sentence says so, and which file to remove', async () => {
    const here = await thisProcess();
    for (const other of [{ ...here, host: 'elsewhere', pid: 7 }, { ...here, numbering: 'another', pid: 7 }]) {
      const path = join(folder, lockName(other));
      writeFileSync(path, '');
      await expect(lockFolder(folder)).rejects.toMatchObject({
        code: 'OUTPUT_BUSY', message: expect.stringContaining(`process 7 on ${other.host}, of which cannot be seen from here whether it still runs`), mend: expect.stringContaining(path),
      });
      expect(existsSync(path)).toBe(true);
      rmSync(path);
      await (await lockFolder(folder)).release();
    }
  });

  it('of another machine is taken over where nothing in the folder has been written for longer than is said', async () => {
    const path = join(folder, lockName({ ...await thisProcess(), host: 'elsewhere', pid: 7 }));
    const work = join(folder, 'work');
    const age = (file: string, seconds: number) => utimesSync(file, Date.now() / 1000 - seconds, Date.now() / 1000 - seconds);
    for (const file of [path, work]) writeFileSync(file, '');
    const written: [lock: number, work: number, code: string | undefined][] = [[9000, 0, 'OUTPUT_BUSY'], [0, 9000, 'OUTPUT_BUSY'], [9000, 9000, undefined]];
    for (const [lockAge, workAge, code] of written) {
      age(path, lockAge);
      age(work, workAge);
      const taken = lockFolder(folder, { stillness: 3_600_000 }).then((lock) => lock.release());
      await (code === undefined ? taken : expect(taken).rejects.toMatchObject({ code }));
    }
    expect(locks()).toEqual([]);
  });

  it('is waited for by whoever has patience, who is told for whom; and no longer than until he is stopped', async () => {
    const lock = await lockFolder(folder);
    const told: string[] = [];
    const second = lockFolder(folder, { patience: 60_000, waiting: (owner) => { told.push(owner); void lock.release(); } });
    await (await second).release();
    expect(told).toEqual(['another run in this process']);
    const third = await lockFolder(folder);
    await expect(lockFolder(folder, { patience: 60_000, signal: AbortSignal.timeout(50) })).rejects.toThrow();
    await third.release();
    expect(locks()).toEqual([]);
  });

  it('in a folder that is not there, or is a file, is an error with a code', async () => {
    await expect(lockFolder(join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'OUTPUT_WRITE' });
    await expect(lockFolder(fileURLToPath(import.meta.url))).rejects.toMatchObject({ code: 'OUTPUT_WRITE', message: expect.stringContaining('a part of the path is a file') });
  });
});
