/**
 * The README's commands for a clone, typed in order into a fresh one: what is committed and what is changed here, nothing installed, nothing
 * built. It costs an installation, a build and a training: some 40 s of a processor.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { repository } from './support/command.js';

const git = (words: string[], cwd: string, input?: Buffer): Buffer => execFileSync('git', words, { cwd, input, maxBuffer: 1 << 28, stdio: ['pipe', 'pipe', 'pipe'] });
const isClone = existsSync(join(repository, '.git')) && spawnSync('git', ['--version']).status === 0 && process.platform !== 'win32';

/** The commands that the README shows on lines of their own, first to last. */
const commands = [...readFileSync(join(repository, 'README.md'), 'utf8').matchAll(/^ {4}(?:\$ )?((?:npm|npx) [^#\n]+?) *(?:#.*)?$/gm)].map(([, command]) => command!);

(isClone ? describe : describe.skip)(`a fresh clone${isClone ? '' : ' (skipped: this is no clone, or there is no git)'}`, () => {
  let work: string;
  let clone: string;
  const typed = (command: string) => {
    // What npm hands to scripts that it runs, these tests among them, is not in a user's environment.
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|CULTIVAR_CACHE|INIT_CWD|NODE_OPTIONS)/.test(name)));
    return spawnSync('sh', ['-c', command], { cwd: clone, encoding: 'utf8', env: { ...env, npm_config_prefer_offline: 'true', CULTIVAR_CACHE: join(work, 'cache') } });
  };

  beforeAll(() => {
    work = mkdtempSync(join(tmpdir(), 'cultivar-clone-'));
    clone = join(work, 'cultivar');
    git(['clone', '--quiet', repository, clone], work);
    const changes = git(['diff', '--binary', 'HEAD'], repository);
    if (changes.length > 0) git(['apply', '-'], clone, changes);
    for (const path of git(['ls-files', '--others', '--exclude-standard', '-z'], repository).toString().split('\0').filter(Boolean)) {
      mkdirSync(dirname(join(clone, path)), { recursive: true });
      copyFileSync(join(repository, path), join(clone, path));
    }
  }, 60_000);
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  it('says what to do before anything is built', () => {
    const { status, stderr } = typed('node packages/cultivar/bin/cultivar.cjs doctor');
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringMatching(/^cultivar is not built yet: run `npm start` .*\n$/) });
  });

  it('does what the README says: starts, and predicts as it says at its end and as the README says', () => {
    expect(commands.slice(0, 3)).toEqual(['npm install cultivar', 'npm start', expect.stringMatching(/^npx cultivar predict /)]);
    const started = typed(commands[1]!);
    expect({ status: started.status, tail: started.status === 0 ? '' : `${started.stdout}\n${started.stderr}`.slice(-2000) }).toEqual({ status: 0, tail: '' });
    const next = /^Next: (.*IMAGE)$/m.exec(`${started.stdout}\n${started.stderr}`)?.[1];
    expect(next).toMatch(/^npx cultivar predict /);
    for (const command of [next!.replace('IMAGE', 'datasets/leaves/oak/001.jpg'), commands[2]!]) {
      const { status, stdout, stderr } = typed(command);
      expect({ command, status, stderr }).toEqual({ command, status: 0, stderr: '' });
      expect(stdout).toMatch(/^datasets\/leaves\/oak\/001\.jpg +[a-z]+ +[\d.]+ %/m);
    }
  }, 300_000);
});
