/** Runs the built command line as a user would. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const repository = fileURLToPath(new URL('../..', import.meta.url));
export const bin = join(repository, 'packages', 'cultivar', 'dist', 'bin.cjs');
/** Whether the embedded backbone is in the build. */
export const nanoIsBuilt = existsSync(join(repository, 'plugins', 'backbones', 'dist', 'nano', 'model.json'));

export interface Outcome {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  seconds: number;
}

export interface RunningCommand {
  child: ChildProcess;
  /** What stderr holds so far. */
  stderr(): string;
  outcome: Promise<Outcome>;
}

/** Starts `cultivar WORDS...` in a folder. */
export function start(words: string[], folder: string, environment: Record<string, string> = {}): RunningCommand {
  const began = performance.now();
  const child = spawn(process.execPath, [bin, ...words], { cwd: folder, env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => { stdout += chunk.toString(); });
  child.stderr.on('data', (chunk: Buffer) => { stderr += chunk.toString(); });
  const outcome = new Promise<Outcome>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr, seconds: (performance.now() - began) / 1000 }));
  });
  return { child, stderr: () => stderr, outcome };
}

/** Runs `cultivar WORDS...` to its end. */
export function cultivar(words: string[], folder: string, environment: Record<string, string> = {}): Promise<Outcome> {
  return start(words, folder, environment).outcome;
}

/** The one line of `--json`. */
export function json<T>(outcome: Outcome): T {
  const lines = outcome.stdout.split('\n').filter((line) => line !== '');
  if (lines.length !== 1) throw new Error(`stdout holds ${lines.length} lines, not one:\n${outcome.stdout}\n${outcome.stderr}`);
  return JSON.parse(lines[0] ?? '') as T;
}
