/** What the benchmark finds outside the repository: weights, photos, and the Python environment of the peers, which it makes itself. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const peers = fileURLToPath(new URL('peers', import.meta.url));

/** Weights and photos are not in the repository: CULTIVAR_SHARED names the folder that holds models/ and datasets/. */
export const shared = process.env.CULTIVAR_SHARED ?? fileURLToPath(new URL('../../shared', import.meta.url));
export const weights = join(shared, 'models', 'mobilenet-v2-1.00-224-layers');

/**
 * @returns path of a Python that has the peers, made once, in a cache folder; CULTIVAR_BENCH_PYTHON names one that has them already.
 * Undefined, said on stderr, where there is none.
 */
export function python() {
  if (process.env.CULTIVAR_BENCH_PYTHON) return process.env.CULTIVAR_BENCH_PYTHON;
  const requirements = join(peers, 'requirements.txt');
  // Another list of requirements is another environment.
  const key = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 8);
  const folder = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'cultivar-bench', `python-${key}`);
  const interpreter = process.platform === 'win32' ? join(folder, 'Scripts', 'python.exe') : join(folder, 'bin', 'python');
  const complete = join(folder, 'complete');
  if (existsSync(complete)) return interpreter;
  console.error(`Making the Python environment of the peers in ${folder} (a few minutes, some gigabytes, once) ...`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [command, words] of [['python3', ['-m', 'venv', folder]], [interpreter, ['-m', 'pip', 'install', '--quiet', '-r', requirements]]]) {
    const { status, error } = spawnSync(command, words, { stdio: ['ignore', 2, 2] });
    if (status === 0) continue;
    rmSync(folder, { recursive: true, force: true });
    console.error(`No Python peers: \`${command} ${words.join(' ')}\` ${error ? `could not be started (${error.message})` : 'failed'}. Ours are measured alone.`);
    return undefined;
  }
  writeFileSync(complete, '');
  return interpreter;
}

/** Runs a command and returns the JSON of its last line on stdout. */
export function lastLine(command, words, options = {}) {
  const { status, stdout, stderr } = spawnSync(command, words, { encoding: 'utf8', maxBuffer: 1 << 28, ...options });
  const line = (stdout ?? '').trim().split('\n').at(-1);
  if (status !== 0 || !line?.startsWith('{')) throw new Error(`${command} ${words.join(' ')} failed:\n${stderr}`);
  return JSON.parse(line);
}
