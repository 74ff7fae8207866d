/** Makes the Python environment of the peers, once, outside the repository. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const peers = fileURLToPath(new URL('peers', import.meta.url));

/** @returns the path of a Python that has PyTorch, Keras and scikit-learn; CULTIVAR_BENCH_PYTHON names one that is there already */
export function python() {
  if (process.env.CULTIVAR_BENCH_PYTHON) return process.env.CULTIVAR_BENCH_PYTHON;
  const folder = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'cultivar-bench');
  const interpreter = join(folder, 'bin', 'python');
  if (existsSync(join(folder, 'complete'))) return interpreter;
  console.error('Making the Python environment of the peers (a few minutes, some gigabytes, once) ...');
  mkdirSync(folder, { recursive: true });
  const steps = [
    ['python3', ['-m', 'venv', folder]],
    [interpreter, ['-m', 'pip', 'install', '--quiet', '-r', join(peers, 'requirements.txt')]],
    ['touch', [join(folder, 'complete')]],
  ];
  for (const [command, words] of steps) {
    const { status } = spawnSync(command, words, { stdio: ['ignore', 2, 2] });
    if (status !== 0) throw new Error(`${command} ${words.join(' ')} failed`);
  }
  return interpreter;
}

/** Runs a command and returns the JSON of its last line on stdout. */
export function lastLine(command, words, options = {}) {
  const { status, stdout, stderr } = spawnSync(command, words, { encoding: 'utf8', maxBuffer: 1 << 28, ...options });
  const line = (stdout ?? '').trim().split('\n').at(-1);
  if (status !== 0 || !line?.startsWith('{')) throw new Error(`${command} ${words.join(' ')} failed:\n${stderr}`);
  return JSON.parse(line);
}

/** Weights and photos are not in the repository: CULTIVAR_SHARED names the folder that holds models/ and datasets/. */
export const shared = process.env.CULTIVAR_SHARED ?? fileURLToPath(new URL('../../shared', import.meta.url));
export const weights = join(shared, 'models', 'mobilenet-v2-1.00-224-layers');
