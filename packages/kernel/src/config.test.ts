import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { loadConfig } from './config.js';
import { createKernel } from './kernel.js';

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'cultivar-config-')));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, content: string): string {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
}

describe('loadConfig', () => {
  it('is empty where there is no file', async () => {
    expect(await loadConfig({ from: folder })).toEqual({ settings: {}, plugins: [] });
  });

  it.each([
    ['cultivar.config.ts', 'interface Settings { epochs: number } export default { epochs: 3, plugins: ["a"] } satisfies Settings & { plugins: string[] };'],
    ['cultivar.config.mts', 'const epochs: number = await Promise.resolve(3); export default { epochs, plugins: ["a"] };'],
    ['cultivar.config.js', 'export default { epochs: 3, plugins: ["a"] };'],
    ['cultivar.config.mjs', 'export default Promise.resolve({ epochs: 3, plugins: ["a"] });'],
    ['cultivar.config.cjs', 'module.exports = { epochs: 3, plugins: ["a"] };'],
    ['cultivar.config.json', '\uFEFF{ "epochs": 3, "plugins": ["a"] }'],
  ])('reads %s', async (name, content) => {
    const path = write(name, content);
    expect(await loadConfig({ from: folder })).toEqual({ path, settings: { epochs: 3 }, plugins: [{ name: 'a', from: folder }] });
  });

  it('reads a certain file; names and paths are resolved from its folder', async () => {
    write('below/settings.mjs', `
      import mine from './mine.mjs';
      export default { optimizer: { name: 'x' }, plugins: ['a', ['./b.ts', false && 'c'], null, mine, { name: 'd', from: '../elsewhere' }, { name: 'e' }] };`);
    write('below/mine.mjs', `export default { name: 'mine', contributions: [] };`);
    const { plugins, settings } = await loadConfig({ path: 'below/settings.mjs', from: folder });
    const below = join(folder, 'below');
    expect(settings).toEqual({ optimizer: { name: 'x' } });
    expect(plugins).toEqual([
      { name: 'a', from: below }, { name: './b.ts', from: below }, { name: 'mine', contributions: [] },
      { name: 'd', from: join(folder, 'elsewhere') }, { name: 'e', from: below },
    ]);
  });

  it('loads plugins written inline, with our copy of the contracts wherever the file lies', async () => {
    write('cultivar.config.ts', `
      import { definePlugin, options, schedule, z } from '@cultivar/sdk';
      @schedule({ name: 'fixed', summary: 'x', options: z.object({ rate: z.number().default(0.5) }) })
      class Fixed { @options() readonly options!: { rate: number }; at(): number { return this.options.rate; } }
      export default { plugins: [definePlugin({ name: 'inline', contributions: [Fixed] })] };`);
    const { plugins } = await loadConfig({ from: folder });
    const kernel = await createKernel({ plugins });
    const run = kernel.openRun({ seed: 1, outputFolder: folder });
    expect(run.create<{ at(): number }>('schedule', 'fixed').at()).toBe(0.5);
    await run.dispose();
  });

  it('CONFIG_NOT_FOUND', async () => {
    await expect(loadConfig({ path: 'none.ts', from: folder })).rejects.toMatchObject({ code: 'CONFIG_NOT_FOUND', exit: 2 });
  });

  it.each([
    ['cultivar.config.json', '{ "plugins": ', /JSON/],
    ['cultivar.config.ts', 'export default {{', /./],
    ['cultivar.config.ts', 'throw new Error("not today.")', /is wrong: not today\.$/],
    ['cultivar.config.js', 'export const x = 1;', /its default export is not an object/],
    ['cultivar.config.js', 'export default 3;', /its default export is not an object/],
    ['cultivar.config.js', 'export default { plugins: "x" };', /plugins: it must be a list/],
    ['cultivar.config.js', 'export default { plugins: ["x", 3] };', /plugins\[1\]: each must be a package name, a path, or a plugin/],
    ['cultivar.config.js', 'export default { plugins: [{ nam: "x" }] };', /plugins\[0\]: each must be/],
  ])('CONFIG_INVALID: %s %s', async (name, content, reason) => {
    write(name, content);
    await expect(loadConfig({ from: folder })).rejects.toMatchObject({ code: 'CONFIG_INVALID', exit: 2, message: expect.stringMatching(reason) });
  });

  it.each([
    ['large JSON', 'cultivar.config.json', () => `{"a": "${'x'.repeat(70e6)}"}`, /it has 68359 KB, where 256 are the most/],
    ['large code', 'cultivar.config.ts', () => `export default { a: "${'x'.repeat(300e3)}" };`, /it has 293 KB/],
    ['deep JSON', 'cultivar.config.json', () => `{"a": ${'['.repeat(100_000)}${']'.repeat(100_000)}}`, /more than 32 deep/],
    ['deep objects', 'cultivar.config.json', () => `${'{"a":'.repeat(40_000)}1${'}'.repeat(40_000)}`, /more than 32 deep/],
    ['deep code', 'cultivar.config.mjs', () => `export default { a: ${'['.repeat(100_000)}${']'.repeat(100_000)} };`, /./],
    ['deep code with types', 'cultivar.config.ts', () => `export default { a: ${'['.repeat(100_000)}${']'.repeat(100_000)} };`, /./],
    ['what stands in itself', 'cultivar.config.mjs', () => 'const a = {}; a.a = a; export default a;', /more than 32 deep/],
    ['plugins that stand in themselves', 'cultivar.config.mjs', () => 'const plugins = []; plugins.push(plugins); export default { plugins };', /more than 32 deep/],
    ['what stands in too many places', 'cultivar.config.mjs', () => 'let a = []; for (let i = 0; i < 30; i += 1) a = [a, a]; export default { a };', /more than 50,000 values/],
    ['a getter that throws', 'cultivar.config.mjs', () => 'export default { get seed() { throw new Error("look away"); } };', /it cannot be read: look away/],
    ['a proxy that throws', 'cultivar.config.mjs', () => 'export default new Proxy({}, { ownKeys() { throw new Error("look away"); } });', /look away/],
    ['a class', 'cultivar.config.mjs', () => 'export default class {}', /its default export is not an object/],
    ['nothing', 'cultivar.config.json', () => '', /JSON/],
    ['a promise that rejects', 'cultivar.config.mjs', () => 'export default Promise.reject(new Error("not today"));', /not today/],
    ['what throws no error', 'cultivar.config.mjs', () => 'throw undefined;', /undefined/],
  ])('CONFIG_INVALID, at once: %s', async (_, name, content, reason) => {
    write(name, content());
    const began = performance.now();
    await expect(loadConfig({ from: folder })).rejects.toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringMatching(reason) });
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  it('CONFIG_INVALID: a folder, a device, a pipe', async () => {
    mkdirSync(join(folder, 'cultivar.config.ts'));
    await expect(loadConfig({ from: folder })).rejects.toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringContaining('it is a folder') });
    if (process.platform === 'win32') return;
    execFileSync('mkfifo', [join(folder, 'pipe.json')]);
    for (const path of ['pipe.json', '/dev/zero', '/dev/null']) await expect(loadConfig({ path, from: folder })).rejects.toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringContaining('it is not a regular file') });
  });

  it('CONFIG_INVALID: two files', async () => {
    write('cultivar.config.ts', 'export default {};');
    write('cultivar.config.json', '{}');
    await expect(loadConfig({ from: folder })).rejects.toThrow('there is cultivar.config.json beside it');
  });
});
