import { failure, type Progress } from '@cultivar/sdk';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { findProgram, lastWords, run } from '../child-process.js';
import { leftoverName } from '../leftovers.js';
import { megabytes } from '@cultivar/sdk/internal';
import { versionsAmong, type Wanted } from './wheel-name.js';

export interface Pip {
  python: string;
  /** Major version. */
  version: number;
}

/** The pip of the PATH's Python, if it has one. */
export async function findPip(environment: NodeJS.ProcessEnv = process.env, signal?: AbortSignal): Promise<Pip | undefined> {
  const python = await findProgram(['python3', 'python'], environment);
  if (!python) return undefined;
  const { code, stdout } = await run(python, ['-m', 'pip', '--version'], { environment, signal });
  const version = /^pip (\d+)/.exec(stdout)?.[1];
  return code === 0 && version ? { python, version: Number(version) } : undefined;
}

export interface WheelRequest extends Wanted {
  /** The wheel goes there, under its own name, once it is whole. */
  folder: string;
  environment: NodeJS.ProcessEnv;
  progress?: Progress;
  signal?: AbortSignal;
}

/**
 * Lets pip fetch the wheel and check its hash: its configuration, mirrors and proxies hold.
 * @returns path of the wheel
 * @throws CultivarError NATIVE_DOWNLOAD, NATIVE_VERSION
 */
export async function fetchWithPip({ python, version }: Pip, request: WheelRequest): Promise<string> {
  await mkdir(request.folder, { recursive: true });
  const beside = await mkdtemp(join(request.folder, leftoverName('pip')));
  const wanted = request.name + request.versions;
  let bar: ReturnType<typeof megabytes> | undefined;
  try {
    // The libraries in the wheel are the same for every Python; one that surely has a wheel is asked for.
    const ended = await run(python, [
      '-m', 'pip', 'download', wanted, '--no-deps', '--only-binary=:all:', '--python-version', '3.12', '--dest', beside,
      '--disable-pip-version-check', '--progress-bar', version >= 24 ? 'raw' : 'off',
    ], {
      // Its temporary files on the same disk: the system's folder for them is often a small one.
      environment: { ...request.environment, TMPDIR: beside },
      signal: request.signal,
      onLine: (line) => {
        const [done, total] = (/^Progress (\d+) of (\d+)/.exec(line) ?? []).slice(1).map(Number);
        if (done === undefined || !total) return;
        bar ??= megabytes(request.progress, `Fetching ${request.name}`, total);
        bar.reach(done);
      },
    });
    if (ended.code !== 0) {
      const unreachable = whyUnreachable(ended.stderr);
      if (unreachable !== undefined) throw failure('NATIVE_DOWNLOAD', { file: wanted, reason: unreachable });
      const known = /from versions: ([^)]*)\)/.exec(ended.stderr)?.[1];
      if (known !== undefined) throw failure('NATIVE_VERSION', { wanted, index: 'the index that pip is set to', known });
      throw failure('NATIVE_DOWNLOAD', { file: wanted, reason: lastWords(ended) });
    }
    const name = (await readdir(beside)).find((file) => file.endsWith('.whl'));
    if (!name || versionsAmong([name], request).length === 0) throw failure('NATIVE_VERSION', { wanted, index: 'the index that pip is set to', known: name ?? 'none' });
    const place = join(request.folder, name);
    await rename(join(beside, name), place);
    return place;
  } finally {
    bar?.finish();
    await rm(beside, { recursive: true, force: true });
  }
}

/** pip takes an index that it cannot reach for one that has nothing; only its warnings tell. Undefined where it was reached. */
function whyUnreachable(stderr: string): string | undefined {
  if (!/from versions: none\)/.test(stderr)) return undefined;
  const line = stderr.split('\n').findLast((one) => /connection broken by|Could not fetch URL/.test(one));
  // ... after connection broken by 'NewConnectionError('<...>: Failed to establish a new connection: [Errno 111] Connection refused')': /simple/
  return line && (/ connection broken by '\w+\((?:'<[^>]*>: )?(.+?)'?\)'/.exec(line)?.[1] ?? line.trim()).slice(0, 300);
}
