import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createKernel, silentLogger } from '@cultivar/kernel';
import { definePlugin, engine, failure, type Engine, type InferenceProgram, type TrainingProgram } from '@cultivar/sdk';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { thisMachine, writeEngineSpeeds } from './engine-speeds.js';
import { Engines } from './engines.js';

const program = (name: string) => ({ name }) as unknown as InferenceProgram & TrainingProgram;

const asked: string[] = [];

function makeEngine(name: string, { ok = true, unsupported = false, trains = true }) {
  class Some implements Engine {
    training?: Engine['training'];
    constructor() {
      if (trains) this.training = async () => this.make();
    }
    async available() {
      asked.push(name);
      return { ok, reasons: [`${name} says so`] };
    }
    async inference() { return this.make(); }
    private make() {
      if (unsupported) throw failure('ENGINE_UNSUPPORTED', { engine: name, layer: 'swirl', type: 'Swirl', reason: 'unheard of' });
      return program(name);
    }
  }
  return engine({ name, summary: 'For a test' })(Some);
}

async function open(engines: ReturnType<typeof makeEngine>[], reference = { name: 'auto' }, need?: 'inference') {
  const kernel = await createKernel({ plugins: [definePlugin({ name: 'engines', contributions: engines })] });
  const warnings: string[] = [];
  const run = kernel.openRun({ seed: 0, outputFolder: '/tmp', logger: { ...silentLogger, warn: (line) => { warnings.push(line); } } });
  return { engines: await Engines.open(kernel, run, reference, need), warnings };
}
const openAll = () => open([makeEngine('tfjs', {}), makeEngine('tensorflow', {}), makeEngine('onnx', {})]);
const model = {} as LayersModel;

// What was measured on the machine of whoever runs the tests does not count.
let cache: string;
const usual = process.env['CULTIVAR_CACHE'];
beforeEach(async () => {
  process.env['CULTIVAR_CACHE'] = cache = await mkdtemp(join(tmpdir(), 'cultivar-speeds-'));
});
afterEach(async () => {
  if (usual === undefined) delete process.env['CULTIVAR_CACHE'];
  else process.env['CULTIVAR_CACHE'] = usual;
  await rm(cache, { recursive: true });
});

describe('engines', () => {
  it('are taken fast ones first, the one that works everywhere last', async () => {
    const { engines } = await open([makeEngine('tfjs', {}), makeEngine('another', {}), makeEngine('onnx', { trains: false })]);
    expect(engines.name).toBe('onnx');
    expect(engines.trainer).toBe('another');
    expect(await engines.training(model, { batchNorm: 'frozen' })).toMatchObject({ name: 'another' });
  });

  it('infer and train each with what is fastest at it', async () => {
    const { engines } = await open([makeEngine('tfjs', {}), makeEngine('tensorflow', {}), makeEngine('onnx', {})]);
    expect([engines.name, engines.trainer, engines.trainerReason]).toEqual(['onnx', 'tensorflow', 'native TensorFlow is installed']);
    const { engines: alone } = await open([makeEngine('tfjs', {}), makeEngine('another', {}), makeEngine('tensorflow', { ok: false }), makeEngine('onnx', {})]);
    expect([alone.name, alone.trainer, alone.trainerReason]).toEqual(['onnx', 'onnx', 'native TensorFlow is not installed']);
    const { engines: asked } = await open([makeEngine('tfjs', {}), makeEngine('tensorflow', {}), makeEngine('onnx', {})], { name: 'onnx' });
    expect([asked.name, asked.trainer]).toEqual(['onnx', 'onnx']);
  });

  it('train in the order of their speed where that was measured on this very machine', async () => {
    await writeEngineSpeeds({ machine: thisMachine(), work: 'a step', imagesPerSecond: { onnx: 30, tensorflow: 25, another: 99 } });
    const { engines } = await openAll();
    expect([engines.name, engines.trainer]).toEqual(['onnx', 'onnx']);
    expect(engines.trainerReason).toBe('measured here by npx cultivar doctor --bench, images a second: onnx 30.0, tensorflow 25.0');
    await writeEngineSpeeds({ machine: 'another one', work: 'a step', imagesPerSecond: { onnx: 30, tensorflow: 25 } });
    expect((await openAll()).engines.trainer).toBe('tensorflow');
  });

  it('that cannot train a layer hand over, before training starts, and it is said', async () => {
    const { engines, warnings } = await open([makeEngine('tfjs', {}), makeEngine('tensorflow', { ok: false }), makeEngine('onnx', { unsupported: true })]);
    expect(await engines.training(model, { batchNorm: 'frozen' })).toMatchObject({ name: 'tfjs' });
    expect(warnings).toEqual(['Engine onnx cannot express layer swirl (Swirl): unheard of. Engine tfjs takes over.']);
  });

  it('that do not work here are passed over', async () => {
    const { engines } = await open([makeEngine('tfjs', {}), makeEngine('onnx', { ok: false })]);
    expect(engines.name).toBe('tfjs');
  });

  it('that cannot express a layer hand over, and it is said', async () => {
    const { engines, warnings } = await open([makeEngine('tfjs', {}), makeEngine('onnx', { unsupported: true })]);
    expect(await engines.inference(model, {})).toEqual(program('tfjs'));
    expect(warnings).toEqual(['Engine onnx cannot express layer swirl (Swirl): unheard of. Engine tfjs takes over.']);
  });

  it('are none where all refuse; the reasons are told', async () => {
    const { engines } = await open([makeEngine('onnx', { unsupported: true })]);
    await expect(engines.inference(model, {})).rejects.toMatchObject({ code: 'ENGINE_NONE', message: expect.stringContaining('swirl') });
    await expect(open([makeEngine('onnx', { ok: false })])).rejects.toMatchObject({ code: 'ENGINE_NONE', message: expect.stringContaining('onnx says so') });
    const { engines: reader } = await open([makeEngine('onnx', { trains: false })]);
    expect(reader.trainer).toBeUndefined();
    await expect(reader.training(model, { batchNorm: 'frozen' })).rejects.toMatchObject({ code: 'ENGINE_NONE' });
  });

  it('for inference alone are not asked before those that are preferred have refused', async () => {
    asked.length = 0;
    const { engines } = await open([makeEngine('tfjs', {}), makeEngine('onnx', {})], undefined, 'inference');
    expect([await engines.inference(model, {}), asked]).toEqual([program('onnx'), ['onnx']]);
    asked.length = 0;
    const { engines: others } = await open([makeEngine('tfjs', {}), makeEngine('another', {}), makeEngine('onnx', { unsupported: true }), makeEngine('tensorflow', { ok: false })], undefined, 'inference');
    expect([await others.inference(model, {}), asked]).toEqual([program('another'), ['onnx', 'tensorflow', 'another']]);
    await expect(open([makeEngine('tfjs', { ok: false }), makeEngine('onnx', { ok: false })], undefined, 'inference')).rejects.toMatchObject({ code: 'ENGINE_NONE', message: expect.stringMatching(/onnx says so.+tfjs says so/) });
  });

  it('asked for by name compute, and must work', async () => {
    const { engines } = await open([makeEngine('tfjs', {}), makeEngine('onnx', {})], { name: 'tfjs' });
    expect(engines.name).toBe('tfjs');
    await expect(open([makeEngine('tfjs', { ok: false }), makeEngine('onnx', {})], { name: 'tfjs' })).rejects.toMatchObject({ code: 'ENGINE_NONE' });
  });
});
