/** Nothing is written under a user's home but our own cache: with a fresh home, from the command line and in a worker thread. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bin, nanoIsBuilt, repository } from './support/command.js';
import { drawDataset } from './support/drawn-images.js';

(nanoIsBuilt ? describe : describe.skip)(`what a run leaves behind${nanoIsBuilt ? '' : ' (skipped: nano is not in the build)'}`, () => {
  let work: string;
  let data: string;
  let place: string;
  beforeAll(async () => {
    work = mkdtempSync(join(tmpdir(), 'cultivar-traces-'));
    data = await drawDataset(join(work, 'shapes'), { perClass: 8 });
    mkdirSync(place = join(work, 'place'));
  });
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  /** A home nobody has lived in, with all that points elsewhere taken out of the environment. */
  function freshHome(name: string): { home: string; env: NodeJS.ProcessEnv } {
    const home = join(work, name);
    mkdirSync(home);
    const kept = Object.entries(process.env).filter(([key]) => !/^(XDG_|CULTIVAR_CACHE|ORT_|HOME$|LOCALAPPDATA|USERPROFILE)/.test(key));
    return { home, env: { ...Object.fromEntries(kept), HOME: home, USERPROFILE: home } };
  }
  const foreign = (folder: string): string[] => readdirSync(folder, { recursive: true, withFileTypes: true, encoding: 'utf8' })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(folder.length + 1).replaceAll('\\', '/'))
    .filter((path) => !/^(\.cache|cache|Library\/Caches|AppData\/Local)\/cultivar\//.test(path));

  it('is the bundle and our cache, nothing else', () => {
    const { home, env } = freshHome('home');
    const options = { cwd: place, env, encoding: 'utf8' } as const;
    execFileSync(process.execPath, [bin, 'train', data, '--strategy', 'linear-probe', '--json', '--quiet', '--out', 'bundle'], options);
    execFileSync(process.execPath, [bin, 'predict', 'bundle', data], options);
    expect(foreign(home)).toEqual([]);
    expect(readdirSync(place)).toEqual(['bundle']);
  }, 60_000);

  it('is nothing where the folders of XDG lie elsewhere', () => {
    const { home, env } = freshHome('home-of-xdg');
    const folders = Object.fromEntries(['cache', 'config', 'data', 'state'].map((name) => [`XDG_${name.toUpperCase()}_HOME`, join(home, name)]));
    execFileSync(process.execPath, [bin, 'predict', 'bundle', data], { cwd: place, env: { ...env, ...folders } });
    expect(foreign(home)).toEqual([]);
  }, 60_000);

  it('is nothing in a worker thread either, whose environment is a copy that no native library sees', () => {
    const { home, env } = freshHome('home-of-worker');
    const words = [join(repository, 'test/support/classify-in-worker.mjs'), join(place, 'bundle'), join(data, 'discs/000.png')];
    const answer = JSON.parse(execFileSync(process.execPath, words, { cwd: home, env, encoding: 'utf8' })) as unknown;
    expect(answer).toEqual({ label: expect.any(String), variable: null });
    expect(foreign(home)).toEqual([]);
  }, 60_000);
});
