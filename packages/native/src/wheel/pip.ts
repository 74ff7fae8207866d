import { failure, type Progress } from '@cultivar/sdk';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { findProgram, lastWords, run } from '../child-process.js';
import { megabytes } from '../megabytes.js';

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

export interface WheelRequest {
  /** Package on the index. */
  name: string;
  version: string;
  tag: RegExp;
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
  const beside = await mkdtemp(join(request.folder, '.pip-'));
  const wanted = `${request.name}==${request.version}`;
  let bar: ReturnType<typeof megabytes> | undefined;
  try {
    // The libraries in the wheel are the same for every Python; one that surely has a wheel is asked for.
    const ended = await run(python, [
      '-m', 'pip', 'download', wanted, '--no-deps', '--only-binary=:all:', '--python-version', '3.12', '--dest', beside,
      '--disable-pip-version-check', '--progress-bar', version >= 24 ? 'raw' : 'off',
    ], {
      environment: request.environment,
      signal: request.signal,
      onLine: (line) => {
        const [done, total] = (/^Progress (\d+) of (\d+)/.exec(line) ?? []).slice(1).map(Number);
        if (done === undefined || !total) return;
        bar ??= megabytes(request.progress, `Fetching ${wanted}`, total);
        bar.reach(done);
      },
    });
    if (ended.code !== 0) {
      const known = /from versions: ([^)]*)\)/.exec(ended.stderr)?.[1];
      if (known !== undefined) throw failure('NATIVE_VERSION', { version: request.version, index: 'the index that pip is set to', known });
      throw failure('NATIVE_DOWNLOAD', { file: wanted, reason: lastWords(ended) });
    }
    const name = (await readdir(beside)).find((file) => file.endsWith('.whl'));
    if (!name || !request.tag.test(name)) throw failure('NATIVE_VERSION', { version: request.version, index: 'the index that pip is set to', known: name ?? 'none' });
    const place = join(request.folder, name);
    await rename(join(beside, name), place);
    return place;
  } finally {
    bar?.finish();
    await rm(beside, { recursive: true, force: true });
  }
}
