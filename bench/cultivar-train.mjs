/** `cultivar train` as a user runs it, in a process of its own. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { weights } from './environment.mjs';

const program = fileURLToPath(new URL('../packages/cultivar/dist/bin.cjs', import.meta.url));
const preload = new URL('engines/use-at-exit.mjs', import.meta.url).href;

/**
 * @param words further options
 * @returns as {@link cultivar} does
 * @throws Error if it fails
 */
export function cultivarTrain(data, words) {
  const folder = mkdtempSync(join(tmpdir(), 'cultivar-bench-'));
  try {
    return cultivar(['train', data, '--backbone', `mobilenet-v2:alpha=1,weights=${weights}`, '--out', join(folder, 'bundle'), ...words]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * @param words a command and its options
 * @returns what the command printed as JSON, its log, seconds from start to end and of all cores, peak memory in bytes
 * @throws Error if it fails
 */
export function cultivar(words) {
  const folder = mkdtempSync(join(tmpdir(), 'cultivar-bench-'));
  const use = join(folder, 'use');
  const begin = performance.now();
  try {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', preload, program, ...words, '--json'], { encoding: 'utf8', maxBuffer: 1 << 28, env: { ...process.env, BENCH_USE: use } });
    const seconds = (performance.now() - begin) / 1000;
    if (status !== 0) throw new Error(`cultivar ${words.join(' ')} failed:\n${stderr}`);
    return { result: JSON.parse(stdout), log: stderr, seconds, ...JSON.parse(readFileSync(use, 'utf8')) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
