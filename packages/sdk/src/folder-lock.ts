/**
 * Who writes into a folder says so there, in the name of an empty file of its own; whoever finds no other living one beside it has the folder.
 * No name is ever used twice: so what a dead owner left is cleared away by anyone without a race, and no file is found half written.
 */
import { randomBytes } from 'node:crypto';
import { readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { failure } from './errors.js';
import { lifeOf, thisProcess, type Life, type ProcessIdentity } from './process-identity.js';
import { writeFailure } from './system-reason.js';

export interface FolderLock {
  /** The file that says so. */
  readonly path: string;
  /** Gives the folder back; as often as one likes. */
  release(): Promise<void>;
}

export interface LockOptions {
  /** Milliseconds to wait for another owner to end. Default 0. */
  patience?: number;
  /**
   * Milliseconds without any change to a file of the folder after which an owner counts as dead of whom cannot be seen whether he still runs. For work
   * that writes all the time. Default never.
   */
  stillness?: number;
  signal?: AbortSignal;
  /** Told once, in words, whom one waits for, and which file says that he is there. */
  waiting?: (owner: string, lock: string) => void;
}

const prefix = '.lock@';

/** Whether a name is that of a lock. */
export const isLockName = (name: string): boolean => name.startsWith(prefix);

/** @param random tells locks of one process apart */
export const lockName = ({ host, pid, start, boot, numbering }: ProcessIdentity, random = randomBytes(4).toString('hex')): string =>
  prefix + [host, pid, start, boot, numbering, random].join('@');

interface Found extends ProcessIdentity {
  name: string;
  life: Life;
}

/**
 * Takes a folder, which must be there, for this run alone. A dead owner's lock is taken over.
 * @throws CultivarError OUTPUT_BUSY where another has it; OUTPUT_WRITE, OPEN_FILES
 */
export async function lockFolder(folder: string, { patience = 0, stillness = Infinity, signal, waiting }: LockOptions = {}): Promise<FolderLock> {
  const until = performance.now() + patience;
  const seen = new Set<string>();
  let told = false;
  for (;;) {
    signal?.throwIfAborted();
    const own = join(folder, lockName(await thisProcess()));
    await writeFile(own, '', { flag: 'wx' }).catch((error: unknown) => {
      throw writeFailure(folder, error);
    });
    const release = () => rm(own, { force: true }).catch(() => undefined);
    let others: Found[];
    try {
      others = await livingOwners(folder, own, stillness);
    } catch (error) {
      await release();
      throw writeFailure(folder, error);
    }
    if (others.length === 0) return { path: own, release };
    await release();
    // Two that came at one moment see each other and both step back; one that is met a second time has settled.
    const settled = others.find(({ name }) => seen.has(name));
    if (settled && performance.now() >= until) throw failure('OUTPUT_BUSY', { path: folder, owner: await inWords(settled), lock: join(folder, settled.name) });
    if (settled && !told) {
      waiting?.(await inWords(settled), join(folder, settled.name));
      told = true;
    }
    for (const { name } of others) seen.add(name);
    await pause(10 + (settled ? 300 : 60) * Math.random(), undefined, { signal });
  }
}

/** Others that run or may run, without those that are dead, which are cleared away. */
async function livingOwners(folder: string, own: string, stillness: number): Promise<Found[]> {
  const living: Found[] = [];
  const names = await readdir(folder);
  for (const name of names) {
    if (!isLockName(name) || join(folder, name) === own) continue;
    const [host = '', pid, start = '', boot = '', numbering = ''] = name.slice(prefix.length).split('@');
    const identity = { host, pid: Number(pid), start, boot, numbering };
    const life = await lifeOf(identity);
    const dead = life === 'dead' || (life === 'unknown' && (await stillFor(folder, own, [name, ...names.filter((other) => !isLockName(other))])) > stillness);
    if (dead) await rm(join(folder, name), { force: true });
    else living.push({ ...identity, name, life });
  }
  return living;
}

/** Milliseconds since any of these files was last written to, by the clock of whatever holds the folder: that of the lock just written. */
async function stillFor(folder: string, own: string, names: readonly string[]): Promise<number> {
  const time = async (path: string): Promise<number> => (await stat(path).catch(() => undefined))?.mtimeMs ?? 0;
  return (await time(own)) - Math.max(...await Promise.all(names.map((name) => time(join(folder, name)))));
}

async function inWords({ host, pid, life }: Found): Promise<string> {
  if (life === 'unknown') return `process ${pid} on ${host}, of which cannot be seen from here whether it still runs`;
  return pid === (await thisProcess()).pid ? 'another run in this process' : `process ${pid}`;
}
