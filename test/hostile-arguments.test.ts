/** Whatever a public function is given, it works, or rejects with an error of the catalogue that names what is wrong: it never throws at once, and nothing from inside comes out. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { errorCatalogue, isCultivarError } from '@cultivar/sdk';
import * as cultivar from 'cultivar';
import { nanoIsBuilt } from './support/command.js';
import { drawDataset } from './support/drawn-images.js';

const deep = () => {
  let value: unknown = [];
  for (let level = 0; level < 100_000; level += 1) value = [value];
  return value;
};
const cyclic = () => {
  const value: Record<string, unknown> = { name: 'adam' };
  value['self'] = value;
  return value;
};
const cyclicList = () => {
  const value: unknown[] = [];
  value.push(value);
  return value;
};
const refuse = () => { throw new Error('look away'); };
const proxy = () => new Proxy({}, { get: refuse, has: refuse, ownKeys: refuse, getOwnPropertyDescriptor: refuse, getPrototypeOf: refuse });

/** Made anew each time: some change when they are looked at. */
const hostile: Record<string, () => unknown> = {
  null: () => null, NaN: () => Number.NaN, Infinity: () => Infinity, '-Infinity': () => -Infinity, '0': () => 0, '-0': () => -0, '-1': () => -1, '1.5': () => 1.5,
  '2^53': () => 2 ** 53, '5e-324': () => 5e-324, '1e308': () => 1e308, bigint: () => 1n, true: () => true, false: () => false, symbol: () => Symbol('x'),
  'empty text': () => '', 'a blank': () => ' ', 'a zero byte': () => '\0', 'half a character': () => '\ud800', 'an escape code': () => '\u001b[31m', 'long text': () => 'x'.repeat(100_000),
  'a number in text': () => '3', 'two dots': () => '../nowhere/../nowhere', 'only punctuation': () => ':=,', 'a constructor': () => 'constructor', 'a prototype': () => '__proto__',
  'an empty list': () => [], 'a list of null': () => [null], 'a list of lists': () => [[[]]], 'a deep list': deep, 'a list in itself': cyclicList, 'a list with holes': () => Array.from({ length: 3 }).fill(undefined),
  'a list of NaN': () => [Number.NaN], 'an empty object': () => ({}), 'an object without a prototype': () => Object.create(null) as unknown, 'a name that is no text': () => ({ name: 3 }), 'an empty name': () => ({ name: '' }),
  'a prototype of its own': () => JSON.parse('{"__proto__": {"name": "adam"}, "constructor": 1}') as unknown, 'an object in itself': cyclic, 'a getter that throws': () => ({ get name(): string { return refuse(); } }), 'a proxy that throws': proxy,
  'a function': () => () => {}, 'a class': () => Map, 'a date': () => new Date(0), 'a map': () => new Map(), 'a pattern': () => /x/, 'a promise': () => Promise.resolve('x'), 'bytes': () => new Uint8Array(3), 'a string object': () => Object('x') as unknown,
  'a URL of the web': () => new URL('https://example.invalid/'), 'a file URL of another host': () => new URL('file://host/x'), 'a file URL with a slash in a name': () => new URL('file:///a%2Fb'), 'a file URL that is nowhere': () => pathToFileURL(join(fileURLToPath(import.meta.url), 'at', 'all')),
};

const nowhere = join(tmpdir(), 'cultivar-there-is-nothing-here');
const settings = ['data', 'backbone', 'strategy', 'similarity', 'solver', 'optimizer', 'schedule', 'initializer', 'engine', 'augment', 'regularize', 'ensemble', 'metrics', 'callbacks', 'exporters', 'seed', 'out', 'resume', 'validation', 'epochs', 'batchSize', 'learningRate', 'views', 'keep'];
const around = ['plugins', 'config', 'logger', 'progress', 'signal'];
type Call = (options: unknown) => Promise<unknown>;
const loose = cultivar as unknown as Record<string, (...values: unknown[]) => Promise<unknown>>;
/** Calls that fail only for want of data, or work at once; with their options. */
const calls: Record<string, [Call, string[]]> = {
  fineTune: [(options) => loose['fineTune']!(isPlain(options) ? { data: nowhere, ...options } : options), [...settings, 'plugins', 'config', 'logger', 'signal', 'onEvent', 'onProgress']],
  load: [(options) => loose['load']!(nowhere, options), ['engine', 'crops', 'monteCarlo', 'plugins', 'logger']],
  evaluate: [(options) => loose['evaluate']!(nowhere, nowhere, options), ['engine', 'crops', 'monteCarlo', 'keep', ...around]],
  preview: [(options) => loose['preview']!(nowhere, options), ['augment', 'images', 'views', 'size', 'seed', ...around]],
  findRate: [(options) => loose['findRate']!(nowhere, options), ['from', 'to', 'rangeEpochs', 'sweepEpochs', 'augment', 'seed', ...around]],
  tune: [(options) => loose['tune']!(nowhere, options), ['method', 'search', 'trials', 'finished', 'out', ...around]],
  crossValidate: [(options) => loose['crossValidate']!(nowhere, options), ['folds', 'resume', ...around]],
  learningCurve: [(options) => loose['learningCurve']!(nowhere, options), ['sizes', 'epochs', ...around]],
  compareStrategies: [(options) => loose['compareStrategies']!(nowhere, options), ['strategies', 'perClass', 'finished', 'backbone', ...around]],
  compareOptimizers: [(options) => loose['compareOptimizers']!(isPlain(options) ? { optimizers: ['sgd'], data: nowhere, ...options } : options), ['optimizers', 'data', 'backbone', 'engine', 'epochs', 'batchSize', 'seed', 'strategy', ...around]],
  compareInitializers: [(options) => loose['compareInitializers']!(isPlain(options) ? { initializers: ['he'], layers: 1, units: 2, samples: 2, ...options } : options), ['initializers', 'activations', 'layers', 'units', 'samples', 'seed', 'plugins', 'config', 'logger']],
};
/** Those whose options are all that they take. */
const only = { fineTune: true, compareOptimizers: true, compareInitializers: true };
const isPlain = (value: unknown): value is object => typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

/** @returns the code of the error, or `done`; a sentence where something else came out */
async function outcome(call: () => Promise<unknown>, named?: string): Promise<string> {
  let promise: Promise<unknown>;
  try {
    promise = call();
  } catch (error) {
    return `thrown at once: ${String(error)}`;
  }
  try {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<string>((resolve) => { timer = setTimeout(() => resolve('does not come to an end'), 20_000); });
    return await Promise.race([promise.then(() => 'done'), late]).finally(() => clearTimeout(timer));
  } catch (error) {
    if (!isCultivarError(error)) return `not an error of ours: ${error instanceof Error ? error.stack : String(error)}`;
    if (!(error.code in errorCatalogue) || error.code === 'UNEXPECTED') return `code ${error.code} is not in the catalogue`;
    if (/undefined|\[object/.test(error.message)) return `not a sentence: ${error.message}`;
    if (named !== undefined && error.code === 'ARGUMENT_INVALID' && !error.message.includes(named)) return `does not name ${named}: ${error.message}`;
    return error.code;
  }
}
const allowed = /^(?:done|[A-Z_]+)$/;

describe('hostile arguments', () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => { unhandled.push(reason); };
  let folder: string;
  let before: string;
  beforeAll(() => {
    before = process.cwd();
    folder = mkdtempSync(join(tmpdir(), 'cultivar-hostile-'));
    // Some values are paths that lead up.
    const here = join(folder, 'some', 'way', 'down');
    mkdirSync(here, { recursive: true });
    process.chdir(here);
  });
  afterAll(() => {
    process.chdir(before);
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(() => { process.on('unhandledRejection', note); });
  afterEach(() => {
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
  });

  it.each(Object.keys(calls))('%s: every option', async (name) => {
    const [call, options] = calls[name]!;
    const found: string[] = [];
    for (const option of options) {
      for (const [kind, make] of Object.entries(hostile)) {
        const result = await outcome(() => call({ [option]: make() }), option);
        if (!allowed.test(result)) found.push(`${option}, ${kind}: ${result}`);
      }
    }
    expect(found).toEqual([]);
  });

  it.each(Object.keys(calls))('%s: options as a whole, and options that there are not, with the near name', async (name) => {
    const [call, options] = calls[name]!;
    const found: string[] = [];
    for (const [kind, make] of Object.entries(hostile)) {
      // Without any option of their own these two would do all they can do.
      if (['compareOptimizers', 'compareInitializers'].includes(name) && /^(?:an empty object|an object without|a date|a map|a pattern|a promise|a string|a URL|a file URL)/.test(kind)) continue;
      const result = await outcome(() => (name in only ? loose[name]!(make()) : call(make())));
      if (!allowed.test(result)) found.push(`${kind}: ${result}`);
    }
    expect(found).toEqual([]);
    for (const option of options) {
      const slip = `${option}s`;
      if (options.includes(slip)) continue;
      const error = await call({ [slip]: 1 }).then(() => undefined, (reason: unknown) => reason);
      // Settings that this call has no use for are not known to it either.
      expect(error).toMatchObject({ code: 'ARGUMENT_INVALID', message: expect.stringContaining(slip) });
    }
    await expect(call({ [`${options[0]!}s`]: 1 })).rejects.toMatchObject({ message: expect.stringMatching(/did you mean|the options are/) });
  });

  it('paths: of bundles and data', async () => {
    const found: string[] = [];
    const one = ['load', 'preview', 'findRate', 'tune', 'crossValidate', 'learningCurve', 'compareStrategies'];
    for (const [kind, make] of [...Object.entries(hostile), ['undefined', () => undefined] as const]) {
      for (const name of one) {
        const result = await outcome(() => loose[name]!(make()));
        if (!/^[A-Z_]+$/.test(result)) found.push(`${name}, ${kind}: ${result}`);
      }
      for (const values of [[make(), nowhere], [nowhere, make()]]) {
        const result = await outcome(() => loose['evaluate']!(...values));
        if (!/^[A-Z_]+$/.test(result)) found.push(`evaluate, ${kind}: ${result}`);
      }
    }
    expect(found).toEqual([]);
    expect(await outcome(() => loose['fineTune']!())).toBe('COMMAND_INVALID');
  });

  it('sentences say what was given and what is allowed', async () => {
    const message = (promise: Promise<unknown>) => promise.then(() => 'done', (error: Error) => error.message);
    expect(await message(loose['fineTune']!({ data: nowhere, sead: 1 }))).toMatch(/^Option sead of fineTune\(\) is wrong: there is no such option \(did you mean seed\?\); the options are data, .+, onProgress/);
    expect(await message(loose['load']!(nowhere, { crops: 3 }))).toBe('Option crops of load() is wrong: 3 was given; it must be one of 1, 5, 10, "multi-scale".');
    expect(await message(loose['load']!(nowhere, { monteCarlo: { rate: 1, draws: 0 } }))).toBe('Option monteCarlo.rate of load() is wrong: 1 was given; it must be a number of at least 0 and below 1; Option monteCarlo.draws: 0 was given; it must be a whole number from 1 to 100000.');
    expect(await message(loose['load']!(new URL('https://example.invalid/x')))).toBe('Argument bundle of load() is wrong: "https://example.invalid/x" was given; of URLs only file: ones name something on this machine.');
    expect(await message(loose['fineTune']!({ data: nowhere, onEvent: 1, signal: {} }))).toBe('Option onEvent of fineTune() is wrong: 1 was given: it must be a function; Option signal: {} was given: it must be an AbortSignal.');
    expect(await message(loose['findRate']!(nowhere, { from: 1 }))).toBe('Argument options of findRate() is wrong: from must be below to (by default they are 1e-5 and 1).');
    expect(await message(loose['learningCurve']!(nowhere, { sizes: [9, 3] }))).toBe('Option sizes of learningCurve() is wrong: [9,3] was given: they must ascend.');
  });

  it('a signal that has aborted stops every call before it begins', async () => {
    const signal = AbortSignal.abort();
    expect(await outcome(() => cultivar.fineTune({ data: nowhere, signal }))).toBe('RUN_ABORTED');
    expect(await outcome(() => cultivar.evaluate(nowhere, nowhere, { signal }))).toBe('EVALUATION_ABORTED');
    for (const name of ['preview', 'findRate', 'tune', 'crossValidate', 'learningCurve', 'compareStrategies']) expect([name, await outcome(() => loose[name]!(nowhere, { signal }))]).toEqual([name, 'STUDY_ABORTED']);
    expect(await outcome(() => cultivar.compareOptimizers({ signal }))).toBe('STUDY_ABORTED');
  });

  (nanoIsBuilt ? it : it.skip)('a model: images, options, disposal', async () => {
    const data = await drawDataset(join(folder, 'shapes'), { perClass: 5, classes: ['discs', 'stripes'] });
    const { bundle } = await cultivar.fineTune({ data: pathToFileURL(data), out: pathToFileURL(join(folder, 'bundle')), strategy: 'linear-probe' });
    const model = await cultivar.load(pathToFileURL(bundle));
    const image = join(data, 'discs', '000.png');
    const classify = model.classify as (...values: unknown[]) => Promise<unknown>;
    const found: string[] = [];
    for (const [kind, make] of [...Object.entries(hostile), ['undefined', () => undefined] as const]) {
      for (const [what, values] of [['image', [make()]], ['one of several', [[image, make()]]], ['options', [image, make()]], ['top', [image, { top: make() }]]] as const) {
        const result = await outcome(() => classify(...values));
        if (!allowed.test(result)) found.push(`${what}, ${kind}: ${result}`);
        if (result === 'done' && what === 'one of several') found.push(`${what}, ${kind}: taken for an image`);
      }
    }
    for (const tensor of [{ shape: [1, 1, 3], dtype: 'float32', data: refuse }, { shape: [2, 2, 3], dtype: 'int32', data: async () => [1] }, { shape: 'x', dtype: 'int32', data: async () => [] }, { shape: [1, 1, 3], dtype: 'int32', data: async () => undefined }, { shape: [1e9, 1e9, 3], dtype: 'int32', data: async () => [] }]) {
      const result = await outcome(() => classify(tensor));
      if (!/^[A-Z_]+$/.test(result)) found.push(`tensor ${JSON.stringify(tensor)}: ${result}`);
    }
    for (const top of [Number.NaN, 0, -1, 1.5, null]) expect(await outcome(() => classify(image, { top }), 'top')).toBe('ARGUMENT_INVALID');
    expect(found).toEqual([]);
    expect([await classify([]), await model.classify(pathToFileURL(image), { top: 1 })]).toEqual([[], [expect.objectContaining({ probability: expect.any(Number) })]]);

    const running = model.classify(Array.from({ length: 80 }, () => image));
    const disposal = model.dispose();
    expect(await outcome(() => model.classify(image))).toBe('CLASSIFIER_DISPOSED');
    expect(await running).toHaveLength(80);
    await Promise.all([disposal, model.dispose()]);
    expect(await outcome(() => model.classify(image))).toBe('CLASSIFIER_DISPOSED');
    await model.dispose();
  });
});
