import { spawn } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  folder?: string;
  environment?: NodeJS.ProcessEnv;
  signal?: AbortSignal;
  /** Gets every line of stdout as it comes. */
  onLine?: (line: string) => void;
}

/** Runs a program to its end, quietly. @throws what spawning it throws; an AbortError when stopped */
export function run(program: string, words: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, { cwd: options.folder, env: options.environment ?? process.env, signal: options.signal, stdio: ['ignore', 'pipe', 'pipe'] });
    let [stdout, stderr, line] = ['', '', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      const lines = (line + text).split(/[\r\n]+/);
      line = lines.pop()!;
      for (const one of lines) options.onLine?.(one);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => { stderr += text; });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** The first of these programs that the PATH has; its absolute path. */
export async function findProgram(names: readonly string[], environment: NodeJS.ProcessEnv = process.env): Promise<string | undefined> {
  for (const name of names) {
    const places = name.includes('/') ? [name] : (environment['PATH'] ?? '').split(delimiter).filter(Boolean).map((folder) => join(folder, name));
    for (const place of places) {
      try {
        await access(place, constants.X_OK);
        return place;
      } catch {
        // Not this one.
      }
    }
  }
  return undefined;
}

/** The last line that says something. */
export function lastWords({ stdout, stderr }: Ended): string {
  // npm ends with the place of its log, which says nothing.
  const lines = `${stdout}\n${stderr}`.split('\n').map((line) => line.trim()).filter((line) => line !== '' && !/complete log of this run/.test(line));
  return (lines.findLast((line) => /error/i.test(line)) ?? lines.at(-1) ?? 'it said nothing').replace(/[.\s]+$/, '').slice(0, 300);
}
