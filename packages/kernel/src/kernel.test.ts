import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { definePlugin, metric, optimizer, schedule, z, type Logger, type Plugin } from '@cultivar/sdk';
import { createKernel } from './kernel.js';
import type { PluginSources } from './plugin-source.js';
import { silentLogger } from './silence.js';

let project: string;
const sdk = fileURLToPath(new URL('../../sdk', import.meta.url));

function write(path: string, content: string | object): string {
  const file = join(project, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

const source = (plugin: string, name = plugin) => `
  import { definePlugin, schedule } from '@cultivar/sdk';
  export default definePlugin({ name: '${plugin}', contributions: [schedule({ name: '${name}', summary: 'x' })(class { at() { return 1; } })] });`;
const manifest = (name: string, more: object = {}, cultivar: object | undefined = { plugin: './dist/index.js', engine: '^0.1.0' }) =>
  ({ name, version: '2.3.4', type: 'module', keywords: ['cultivar-plugin'], cultivar, ...more });

beforeAll(() => {
  project = realpathSync(mkdtempSync(join(tmpdir(), 'cultivar-kernel-')));
  mkdirSync(join(project, 'node_modules/@cultivar'), { recursive: true });
  symlinkSync(sdk, join(project, 'node_modules/@cultivar/sdk'));
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

const load = (plugins: PluginSources, logger: Logger = silentLogger) => createKernel({ plugins, from: project, logger });
const failsWith = async (plugins: PluginSources, code: string, message: RegExp | string) => {
  await expect(load(plugins)).rejects.toMatchObject({ code, exit: 2, message: expect.stringMatching(message) });
};

@schedule({ name: 'still', summary: 'One throughout', reference: 'Nobody 2020' })
class Still {
  at() {
    return 1;
  }
}
const inline: Plugin = definePlugin({ name: 'inline', contributions: [Still] });

describe('createKernel', () => {
  it('loads inline plugins; lists flatten, falsy entries do not count, one asked for twice is loaded once', async () => {
    const kernel = await load([[inline, [false, null]], undefined, 0, '', inline]);
    expect(kernel.plugins).toEqual([{ name: 'inline', version: '0.0.0' }]);
    expect(kernel.catalogue.list()).toEqual([
      { kind: 'schedule', name: 'still', summary: 'One throughout', reference: 'Nobody 2020', plugin: 'inline', version: '0.0.0', contribution: Still, jsonSchema: expect.any(Function) },
    ]);
  });

  it('loads an installed package by name, and its version', async () => {
    write('node_modules/by-name/package.json', manifest('by-name'));
    const file = write('node_modules/by-name/dist/index.js', source('by-name'));
    const kernel = await load(['by-name', { name: './node_modules/by-name', from: project }]);
    expect(kernel.plugins).toEqual([{ name: 'by-name', version: '2.3.4', file }]);
    expect(kernel.catalogue.get('schedule', 'by-name')).toMatchObject({ plugin: 'by-name', version: '2.3.4', file });
  });

  it('finds packages from folders below, from a file URL, in a scope, and behind exports that hide package.json', async () => {
    write('node_modules/@mine/hidden/package.json', manifest('@mine/hidden', { exports: { '.': './dist/index.js' } }));
    write('node_modules/@mine/hidden/dist/index.js', source('@mine/hidden', 'hidden'));
    const below = join(project, 'deep/er');
    mkdirSync(below, { recursive: true });
    for (const from of [below, pathToFileURL(join(below, 'config.ts')).href]) {
      const kernel = await load([{ name: '@mine/hidden', from }]);
      expect(kernel.catalogue.has('schedule', 'hidden')).toBe(true);
    }
  });

  it('takes a subpath of exports for the entry', async () => {
    write('node_modules/subpath/package.json', manifest('subpath', { exports: { './plugin': { import: './dist/index.js' } } }, { plugin: './plugin', engine: '*' }));
    const file = write('node_modules/subpath/dist/index.js', source('subpath'));
    expect((await load(['subpath'])).plugins[0]).toMatchObject({ name: 'subpath', file });
  });

  it('loads a CommonJS package', async () => {
    write('node_modules/common/package.json', manifest('common', { type: 'commonjs' }));
    write('node_modules/common/dist/index.js', `exports.__esModule = true; exports.default = { name: 'common', contributions: [] };`);
    expect((await load(['common'])).plugins[0]).toMatchObject({ name: 'common' });
  });

  it('loads files by path: .ts with decorators, .js, .mjs, .cjs; relative, absolute, as URL', async () => {
    const ts = write('mine.ts', `
      import { definePlugin, inject, Logger, options, optimizer, z, type Optimizer } from '@cultivar/sdk';
      const schema = z.object({ decay: z.number().default(0.5) });
      abstract class Base { @inject(Logger) protected readonly logger!: Logger; }
      @optimizer({ name: 'mine', summary: 'x', options: schema })
      class Mine extends Base implements Optimizer {
        @options() readonly options!: z.infer<typeof schema>;
        private calls: number = 0;
        update(step: Parameters<Optimizer['update']>[0]) { this.calls += 1; this.logger.info('decay ' + this.options.decay); return { delta: step.gradient, slots: {} }; }
      }
      export default definePlugin({ name: 'mine', version: '9.0.0', contributions: [Mine] });`);
    write('plain.js', source('plain'));
    write('module.mjs', source('module'));
    write('common.cjs', `module.exports = { name: 'common', contributions: [] };`);
    const kernel = await load([ts, './plain.js', pathToFileURL(join(project, 'module.mjs')).href, 'common.cjs']);
    expect(kernel.plugins.map(({ name, version }) => `${name} ${version}`)).toEqual(['mine 9.0.0', 'plain 0.0.0', 'module 0.0.0', 'common 0.0.0']);
    const said: string[] = [];
    const run = kernel.openRun({ seed: 1, outputFolder: project, logger: { ...silentLogger, info: (message) => said.push(message) } });
    run.create<{ update(step: object): unknown }>('optimizer', { name: 'mine', decay: 0.25 }).update({});
    expect(said).toEqual(['decay 0.25']);
    await run.dispose();
  });

  it('loads a folder by path, its entry in TypeScript', async () => {
    write('folder/package.json', manifest('folder', {}, { plugin: 'source/index.ts', engine: '>=0.1.0 <2' }));
    write('folder/source/index.ts', `import { name } from './name.js'; export default { name: name as string, contributions: [] };`);
    write('folder/source/name.ts', `export const name: string = 'folder';`);
    expect((await load(['./folder'])).plugins[0]).toMatchObject({ name: 'folder', version: '2.3.4' });
  });

  it('hints to the author of a plugin without the keyword', async () => {
    write('quiet/package.json', manifest('quiet', { keywords: [] }));
    write('quiet/dist/index.js', source('quiet'));
    const said: string[] = [];
    await load(['./quiet'], { ...silentLogger, debug: (message) => said.push(message) });
    expect(said.join()).toContain('keyword "cultivar-plugin"');
  });
});

describe('a plugin that cannot be found or is not one', () => {
  it('PLUGIN_NOT_FOUND', async () => {
    await failsWith(['nowhere'], 'PLUGIN_NOT_FOUND', 'nowhere is not found from');
    await failsWith(['./nowhere'], 'PLUGIN_NOT_FOUND', './nowhere');
    await failsWith(['nowhere.ts'], 'PLUGIN_NOT_FOUND', 'nowhere.ts');
    mkdirSync(join(project, 'beside'), { recursive: true });
    await failsWith(['beside'], 'PLUGIN_NOT_FOUND', 'for the folder beside it write ./beside');
  });

  it.each<[string, string | object, RegExp]>([
    ['no-json', '{', /is not JSON/],
    ['no-manifest', { name: 'no-manifest' }, /"cultivar" is missing/],
    ['no-object', [], /nvalid|expected/],
    ['no-entry', manifest('no-entry', {}, { engine: '*' }), /"cultivar.plugin" must be the path/],
    ['no-engine', manifest('no-engine', {}, { plugin: './dist/index.js' }), /"cultivar.engine" must be the range/],
    ['bad-range', manifest('bad-range', {}, { plugin: './dist/index.js', engine: 'newest' }), /not a range of versions: "newest"/],
    ['no-file', manifest('no-file'), /names a file that is not there: \.\/dist\/index\.js/],
    ['out-of-it', manifest('out-of-it', {}, { plugin: '../by-name/dist/index.js', engine: '*' }), /points out of the package/],
  ])('PLUGIN_MANIFEST: %s', async (name, content, reason) => {
    write(`node_modules/${name}/package.json`, content);
    await failsWith([name], 'PLUGIN_MANIFEST', reason);
  });

  it('PLUGIN_MANIFEST: a folder without package.json', async () => {
    mkdirSync(join(project, 'bare'), { recursive: true });
    await failsWith(['./bare'], 'PLUGIN_MANIFEST', 'there is none in');
  });

  it('PLUGIN_ENGINE, before any code of it runs', async () => {
    write('node_modules/future/package.json', manifest('future', {}, { plugin: './dist/index.js', engine: '^7.0.0' }));
    write('node_modules/future/dist/index.js', `globalThis.futureRan = true; throw new Error('ran');`);
    await failsWith(['future'], 'PLUGIN_ENGINE', /^Plugin future is made for Cultivar \^7\.0\.0; this is 0\.1\.0\.$/);
    expect('futureRan' in globalThis).toBe(false);
  });

  it('PLUGIN_LOAD', async () => {
    write('throws.js', `throw new Error('no licence.\\nmore');`);
    write('syntax.ts', 'export default {{;');
    write('missing-import.ts', `import x from 'not-installed-anywhere'; export default x;`);
    await failsWith(['./throws.js'], 'PLUGIN_LOAD', /^Plugin \.\/throws\.js could not be loaded: no licence\.$/);
    await failsWith(['./syntax.ts'], 'PLUGIN_LOAD', /syntax\.ts could not be loaded: .+ \(.*syntax\.ts:1:\d+\)\.$/);
    await failsWith(['./missing-import.ts'], 'PLUGIN_LOAD', 'not-installed-anywhere');
  });

  it.each<[string, string, RegExp]>([
    ['nothing', 'export const plugin = 1;', /there is no default export/],
    ['text', 'export default "x";', /the default export is a string/],
    ['null', 'export default null;', /the default export is a null/],
    ['nameless', 'export default { contributions: [] };', /it has no name/],
    ['list', 'export default { name: "x", contributions: {} };', /it has no list of contributions/],
    ['version', 'export default { name: "x", version: 2, contributions: [] };', /its version is not text/],
  ])('PLUGIN_SHAPE: %s', async (name, content, reason) => {
    write(`shape-${name}.mjs`, content);
    await failsWith([`./shape-${name}.mjs`], 'PLUGIN_SHAPE', reason);
  });
});

/** What an author without types could hand over. */
const wrongly = (value: unknown) => value as never;
const decorated = (target: object, metadata: object) => Object.defineProperty(target, Symbol.for('cultivar:contribution'), { value: metadata });

describe('contributions', () => {
  class Plain {
    bloom() {}
  }
  class StaticOnly extends Plain {
    static update() {}
  }
  const broken = (details: object, kind = schedule) => kind(wrongly({ summary: 'x', name: 'broken', ...details }))(wrongly(class Broken { at() { return 1; } update() {} }));

  it.each<[string, unknown, RegExp]>([
    ['not a class', 'x', /^Contribution number 1 of plugin broken is wrong: it is a string, not a class\.$/],
    ['undefined', undefined, /it is undefined/],
    ['no decorator', Plain, /^Contribution Plain of plugin broken is wrong: no contribution decorator is on it\.$/],
    ['a subclass without its own', class Other extends Still {}, /Contribution Other .* no contribution decorator/],
    ['a method on the class, not on instances', optimizer({ name: 'static-only', summary: 'x' })(wrongly(StaticOnly)), /^Contribution static-only of plugin broken is wrong: it lacks update\(\), which every optimizer must have\.$/],
    ['no method at all', metric({ name: 'm', summary: 'x' })(wrongly(class extends Plain {})), /it lacks compute\(\), which every metric must have/],
    ['name', broken({ name: 'Bad Name' }), /its name must be lower case with hyphens/],
    ['name not text', broken({ name: 3 }), /Contribution Broken of plugin broken is wrong: its name must be/],
    ['summary', broken({ summary: ' ' }), /it has no summary/],
    ['reference', broken({ reference: 1992 }), /its reference is not text/],
    ['options', broken({ options: { decay: 1 } }), /its options are not a z\.object/],
    ['option name', broken({ options: z.object({ name: z.string() }) }), /an option cannot be called name/],
  ])('PLUGIN_CONTRIBUTION: %s', async (_, contribution, reason) => {
    await failsWith([wrongly({ name: 'broken', contributions: [contribution] })], 'PLUGIN_CONTRIBUTION', reason);
  });

  it('PLUGIN_CONTRIBUTION: constructor arguments, unknown kinds, one method of several', async () => {
    const arguments_ = schedule({ name: 'a', summary: 'x' })(wrongly(class { constructor(readonly rate: number) {} at() { return this.rate; } }));
    await failsWith([{ name: 'broken', contributions: [arguments_] }], 'PLUGIN_CONTRIBUTION', 'constructor takes arguments');
    const unknown = decorated(class extends Plain {}, { kind: 'flower', name: 'rose', summary: 'x' });
    await failsWith([wrongly({ name: 'broken', contributions: [unknown] })], 'PLUGIN_CONTRIBUTION', 'kind flower is not known here; the kinds are backbone, strategy');
    const none = decorated(class extends Plain {}, { kind: 'regularizer', name: 'none', summary: 'x' });
    await failsWith([wrongly({ name: 'broken', contributions: [none] })], 'PLUGIN_CONTRIBUTION', /it has none of penalty\(\), targets\(\), .*and a regularizer needs at least one/);
  });

  it('PLUGIN_DUPLICATE names both plugins, and files where the plugins have one name', async () => {
    const other = definePlugin({ name: 'other', contributions: [schedule({ name: 'still', summary: 'x' })(class { at() { return 2; } })] });
    await failsWith([inline, other], 'PLUGIN_DUPLICATE', /^Plugin other adds schedule still, which plugin inline has already added\.$/);
    const first = write('one/a.mjs', source('twin'));
    const second = write('two/a.mjs', source('twin'));
    await failsWith([first, second], 'PLUGIN_DUPLICATE', `Plugin twin 0.0.0 (${second}) adds schedule twin, which plugin twin 0.0.0 (${first})`.replace(/[()./]/g, '\\$&'));
  });

  it('may have the same name where their kinds differ', async () => {
    const other = definePlugin({ name: 'other', contributions: [metric({ name: 'still', summary: 'x' })(class { compute() { return 2; } })] });
    const { catalogue } = await load([inline, other]);
    expect(catalogue.list().map(({ kind }) => kind)).toEqual(['schedule', 'metric']);
  });
});

const named = (name: string, options: z.ZodObject) => schedule({ name, summary: 'x', options })(class { at() { return 1; } });

describe('catalogue', () => {
  it('refuses unknown options of a plain z.object, refinements kept, and lets a loose one be', async () => {
    const pair = z.object({ low: z.number().default(0), high: z.number().default(1) }).refine(({ low, high }) => low <= high, 'Low must not be above high.');
    const { catalogue } = await load([definePlugin({ name: 'options', contributions: [named('plain', pair), named('loose', z.looseObject({}))] })]);
    expect(catalogue.check('schedule', 'plain:low=0.5').options).toEqual({ low: 0.5, high: 1 });
    expect(() => catalogue.check('schedule', 'plain:lo=0.5')).toThrow('there is no such option (did you mean low?); the options are low, high.');
    expect(() => catalogue.check('schedule', 'plain:low=2')).toThrow('low must not be above high');
    expect(catalogue.check('schedule', 'loose:anything=1').options).toEqual({ anything: 1 });
  });

  it('CONTRIBUTION_UNKNOWN tells near names, other kinds, and what there is', async () => {
    const { catalogue } = await load([inline]);
    expect(() => catalogue.get('schedule', 'stil')).toThrow(expect.objectContaining({ code: 'CONTRIBUTION_UNKNOWN', message: 'There is no schedule called stil (did you mean still?).', mend: 'There are: still.' }));
    expect(() => catalogue.get('optimizer', 'still')).toThrow('There is no optimizer called still (it is the name of a contribution of kind schedule).');
    expect(() => catalogue.get('optimizer', 'still')).toThrow(expect.objectContaining({ mend: 'There are: none.' }));
  });
});
