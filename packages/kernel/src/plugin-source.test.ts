import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPlugin } from './plugin-source.js';
import { silentLogger } from './silence.js';

let base: string;
let plugin: string;
beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'plugin-source-')));
  plugin = join(base, 'plugin');
  mkdirSync(join(plugin, 'dist'), { recursive: true });
  writeFileSync(join(plugin, 'dist', 'index.js'), '');
  writeFileSync(join(base, 'outside.js'), '');
  says('./dist/index.js');
});
afterEach(() => rmSync(base, { recursive: true }));

const says = (entry: string) => writeFileSync(join(plugin, 'package.json'), JSON.stringify({ name: 'it', cultivar: { plugin: entry, engine: '^0.1.0' } }));
const find = (name = './plugin') => findPlugin({ name, from: base }, silentLogger);
const unix = process.platform === 'win32' ? it.skip : it;

describe('the file that a plugin begins with', () => {
  it('lies in its own folder, links within it followed', () => {
    expect(find().file).toBe(join(plugin, 'dist', 'index.js'));
    symlinkSync('index.js', join(plugin, 'dist', 'link.js'));
    says('./dist/link.js');
    expect(find().file).toBe(join(plugin, 'dist', 'index.js'));
  });

  it.each(['../outside.js', './dist/../../outside.js', 'dist/link.js', 'dist/folder/outside.js'])('at %s is not run', (entry) => {
    symlinkSync('../../outside.js', join(plugin, 'dist', 'link.js'));
    symlinkSync('../..', join(plugin, 'dist', 'folder'));
    says(entry);
    expect(find).toThrow(expect.objectContaining({ code: 'PLUGIN_MANIFEST', message: expect.stringMatching(/out of the package/) }));
  });

  it.each([
    ['./dist', /not there/], ['./dist/none.js', /not there/], ['./dist/index.json', /neither JavaScript nor TypeScript/], ['./dist/it.tgz', /archive/], ['./dist/huge.js', /more than the/],
  ])('%s is no such file', (entry, reason) => {
    for (const name of ['index.json', 'it.tgz', 'huge.js']) writeFileSync(join(plugin, 'dist', name), '');
    truncateSync(join(plugin, 'dist', 'huge.js'), 1e9);
    says(entry);
    expect(find).toThrow(expect.objectContaining({ code: 'PLUGIN_MANIFEST', message: expect.stringMatching(reason) }));
  });

  unix('is not waited for where it is a pipe', () => {
    execFileSync('mkfifo', [join(plugin, 'dist', 'pipe.js')]);
    says('./dist/pipe.js');
    expect(find).toThrow(expect.objectContaining({ code: 'PLUGIN_MANIFEST', message: expect.stringMatching(/not a file/) }));
  });
});

describe('what is given as a plugin', () => {
  unix.each(['/dev/zero', '/dev/null', './pipe.js'])('%s is not read', (name) => {
    execFileSync('mkfifo', [join(base, 'pipe.js')]);
    expect(() => find(name)).toThrow(expect.objectContaining({ code: 'PLUGIN_LOAD', message: expect.stringMatching(/not a file/) }));
  });

  it('an archive is to be installed first', () => {
    writeFileSync(join(base, 'it-1.0.0.tgz'), '');
    expect(() => find('./it-1.0.0.tgz')).toThrow(expect.objectContaining({ code: 'PLUGIN_LOAD', message: expect.stringMatching(/npm installs first/) }));
  });
});

describe('a package.json', () => {
  it.each<[string, RegExp, () => void]>([
    ['of many megabytes', /more than the/, () => truncateSync(join(plugin, 'package.json'), 1e9)],
    ['without an end of levels', /levels/, () => writeFileSync(join(plugin, 'package.json'), `${'['.repeat(50_000)}${']'.repeat(50_000)}`)],
    ['that reaches for the prototype', /__proto__/, () => writeFileSync(join(plugin, 'package.json'), '{"__proto__":{"cultivar":{"plugin":"./dist/index.js","engine":"*"}}}')],
    ['that is a folder', /is a folder/, () => {
      rmSync(join(plugin, 'package.json'));
      mkdirSync(join(plugin, 'package.json'));
    }],
    ['that is a link out of the package', /leads out/, () => {
      rmSync(join(plugin, 'package.json'));
      writeFileSync(join(base, 'package.json'), JSON.stringify({ cultivar: { plugin: './dist/index.js', engine: '^0.1.0' } }));
      symlinkSync('../package.json', join(plugin, 'package.json'));
    }],
    ['with a range as long as a book', /engine/, () => writeFileSync(join(plugin, 'package.json'), JSON.stringify({ cultivar: { plugin: './dist/index.js', engine: '1 '.repeat(100_000) } }))],
  ])('%s is refused', (_, reason, make) => {
    make();
    expect(find).toThrow(expect.objectContaining({ code: 'PLUGIN_MANIFEST', message: expect.stringMatching(reason) }));
  });
});
