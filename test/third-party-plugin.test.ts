/**
 * A plugin as a third party writes it, outside the workspaces, in TypeScript that nobody has compiled: found by its
 * path, checked, and its three contributions made and used. And the same from outside every node_modules, by Node alone.
 */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from '@jest/globals';
import { createKernel, createRandom, type Kernel, type Run } from '@cultivar/kernel';
import type { Assessment, Augmentation, FreezePlan, Optimizer, Stage, Strategy } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';

// Else tfjs prints a hint about its native backend.
tf.enableProdMode();

const root = fileURLToPath(new URL('..', import.meta.url));
const fixture = join(root, 'test/fixtures/third-party-plugin');
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'cultivar-third-party-')));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function withRun<Result>(work: (run: Run, kernel: Kernel) => Result | Promise<Result>): Promise<Result> {
  const kernel = await createKernel({ plugins: [fixture] });
  const run = kernel.openRun({ seed: 3, outputFolder: folder });
  try {
    return await work(run, kernel);
  } finally {
    await run.dispose();
  }
}

describe('a third-party plugin', () => {
  it('is in the catalogue with its version and option schemas', () => withRun((_, { catalogue, plugins }) => {
    expect(plugins).toEqual([{ name: 'cultivar-plugin-thicket', version: '1.2.0', file: join(fixture, 'src/index.ts') }]);
    expect(catalogue.list().map(({ kind, name }) => `${kind} ${name}`)).toEqual(['strategy probe-then-top', 'optimizer sign-sgd', 'augmentation negative']);
    expect(catalogue.get('augmentation', 'negative').jsonSchema()).toMatchObject({ properties: { threshold: { minimum: 0, maximum: 1, default: 0.5 } } });
  }));

  it('adds an optimizer that computes with our tfjs', () => withRun(async (run) => {
    await tf.ready();
    const before = tf.memory().numTensors;
    const optimizer = run.create<Optimizer>('optimizer', 'sign-sgd:decay=0.5');
    const delta = tf.tidy(() => optimizer.update({ gradient: tf.tensor1d([3, -0.1, 0]), parameter: tf.tensor1d([1, 0, -2]), slots: {}, step: 1, learningRate: 0.1 }).delta);
    expect(delta).toBeInstanceOf(tf.Tensor);
    const values = [...await delta.data()];
    delta.dispose();
    [-0.15, 0.1, 0.1].forEach((expected, index) => expect(values[index]).toBeCloseTo(expected, 6));
    expect(tf.memory().numTensors).toBe(before);
  }));

  it('adds an augmentation that keeps shape and range', () => withRun(async (run) => {
    await tf.ready();
    const augmentation = run.create<Augmentation>('augmentation', { name: 'negative', probability: 1, threshold: 0.5 });
    const values = tf.tidy(() => {
      const images = tf.tensor4d([0, 0.25, 0.5, 0.75, 0.9, 1], [2, 1, 1, 3]);
      const changed = augmentation.apply({ images, targets: tf.tensor2d([[1, 0], [0, 1]]) }, createRandom(1));
      expect(changed.images.shape).toEqual([2, 1, 1, 3]);
      return [...changed.images.dataSync()];
    });
    [0, 0.25, 0.5, 0.25, 0.1, 0].forEach((expected, index) => expect(values[index]).toBeCloseTo(expected, 6));
  }));

  it('adds a strategy: solve, then train the last stage with its own optimizer', () => withRun((run) => {
    const stages = ['early', 'late'].map((name, index): Stage => ({ name, index, output: name, layers: [], parameters: 1, outputShape: [1, 1, 1] }));
    const plan = run.create<Strategy>('strategy', 'probe-then-top:epochs=3').plan({ trainImages: 12 } as Assessment, stages) as FreezePlan;
    expect(plan.phases).toMatchObject([
      { kind: 'solve', candidates: [['late']] },
      { kind: 'train', from: 'late', epochs: 3, optimizer: { name: 'sign-sgd' } },
    ]);
    expect(plan.reasons.join()).toContain('12 images');
  }));
});

/** Runs a program that prints one JSON value, in the temporary folder. */
const node = async (program: string): Promise<unknown> => {
  const file = join(folder, `${Math.random()}.mjs`);
  writeFileSync(file, `
    import { createRequire } from 'node:module';
    const { createKernel } = await import(${JSON.stringify(join(root, 'packages/kernel/dist/index.js'))});
    const require = createRequire(${JSON.stringify(join(root, 'packages/sdk/package.json'))});
    const tf = require('@tensorflow/tfjs-core');
    require('@tensorflow/tfjs-backend-cpu');
    tf.enableProdMode();
    ${program}`);
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [file], { cwd: folder });
  expect(stderr).toBe('');
  return JSON.parse(stdout);
};

describe('by Node alone', () => {
  it('loads it from outside every node_modules, with our copy of the contracts and of tfjs', async () => {
    const copy = join(folder, 'far/plugin');
    cpSync(fixture, copy, { recursive: true });
    const result = await node(`
      const kernel = await createKernel({ plugins: ['./far/plugin', './far/plugin/src/index.ts'] });
      const run = kernel.openRun({ seed: 1, outputFolder: '.' });
      const step = { gradient: tf.tensor1d([-5]), parameter: tf.tensor1d([1]), slots: {}, step: 1, learningRate: 0.5 };
      const { delta } = run.create('optimizer', 'sign-sgd').update(step);
      console.log(JSON.stringify({ plugins: kernel.plugins.length, ours: delta instanceof tf.Tensor, delta: [...delta.dataSync()] }));`);
    expect(result).toEqual({ plugins: 1, ours: true, delta: [0.5] });
  });

  it('takes a package that brings its own copy of the contracts', async () => {
    const own = join(folder, 'node_modules/own-copy');
    mkdirSync(join(own, 'node_modules/@cultivar'), { recursive: true });
    cpSync(join(root, 'packages/sdk/dist'), join(own, 'node_modules/@cultivar/sdk/dist'), { recursive: true });
    cpSync(join(root, 'packages/sdk/package.json'), join(own, 'node_modules/@cultivar/sdk/package.json'));
    for (const name of ['inversify', '@inversifyjs', 'reflect-metadata', 'zod', '@tensorflow', 'undici', 'proxy-from-env']) symlinkSync(join(root, 'node_modules', name), join(own, 'node_modules', name));
    writeFileSync(join(own, 'package.json'), JSON.stringify({ name: 'own-copy', version: '1.0.0', type: 'module', cultivar: { plugin: './index.js', engine: '^0.1.0' } }));
    writeFileSync(join(own, 'index.js'), `
      import { definePlugin, inject, options, Random, schedule, z } from '@cultivar/sdk';
      class Noisy { at() { return this.options.rate + this.random.integer(1); } }
      options()(Noisy.prototype, 'options');
      inject(Random)(Noisy.prototype, 'random');
      schedule({ name: 'noisy', summary: 'x', options: z.object({ rate: z.number().max(2).default(1) }) })(Noisy);
      export default definePlugin({ name: 'own-copy', contributions: [Noisy] });`);
    const result = await node(`
      const kernel = await createKernel({ plugins: ['own-copy'] });
      const run = kernel.openRun({ seed: 1, outputFolder: '.' });
      let code;
      try { run.create('schedule', 'noisy:rate=3'); } catch (error) { code = error.code; }
      console.log(JSON.stringify({ at: run.create('schedule', 'noisy:rate=1.5').at(), code }));`);
    expect(result).toEqual({ at: 1.5, code: 'OPTION_INVALID' });
  });
});
