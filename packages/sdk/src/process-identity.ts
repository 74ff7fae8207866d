import { execFile } from 'node:child_process';
import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { promisify } from 'node:util';

/** What tells a process from all others, also from a later one that has its number. */
export interface ProcessIdentity {
  host: string;
  pid: number;
  /** When it began, in whatever the system counts in; `0` where that cannot be known. */
  start: string;
  /** Of the machine's present run; `0` where that cannot be known. */
  boot: string;
  /** Within which its number means something: containers have their own. `0` where there is but one. */
  numbering: string;
}

/** What can be said of a process from here. */
export type Life = 'alive' | 'dead' | 'unknown';

const plain = (text: string): string => text.replace(/[^\w.-]+/g, '-').slice(0, 80) || '0';

let own: Promise<ProcessIdentity> | undefined;

/** Of this process. */
export function thisProcess(): Promise<ProcessIdentity> {
  return (own ??= identify());
}

async function identify(): Promise<ProcessIdentity> {
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '0');
  const numbering = await readlink('/proc/self/ns/pid').catch(() => '0');
  return { host: plain(hostname()), pid: process.pid, start: (await startOf(process.pid)) ?? '0', boot: plain(boot.trim()), numbering: plain(numbering.replace(/\D/g, '')) };
}

/** Whether a process still runs; `unknown` where it is, or may be, on another machine or in another container. */
export async function lifeOf({ host, pid, start, boot, numbering }: ProcessIdentity): Promise<Life> {
  const here = await thisProcess();
  if (host !== here.host) return 'unknown';
  if (boot !== here.boot) return 'dead';
  if (numbering !== here.numbering) return 'unknown';
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return 'dead';
  }
  const began = await startOf(pid);
  return began === undefined || start === '0' || began === start ? 'alive' : 'dead';
}

/** @returns undefined where the system does not say; `ended` of one that only waits to be noticed as ended */
async function startOf(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
    // 4711 (a name with ) in it) S 1 ...: the state is field 3, the start, in ticks since the machine began, field 22.
    const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
    return fields && (/[ZX]/.test(fields[0]!) ? 'ended' : fields[19]);
  }
  if (process.platform === 'win32') return undefined;
  const told = await promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)], { env: { ...process.env, LC_ALL: 'C' } }).catch(() => undefined);
  return told && plain(told.stdout.trim());
}
