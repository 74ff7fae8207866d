import { describe, expect, it } from '@jest/globals';
import { createKernel, silentLogger } from '@cultivar/kernel';
import { definePlugin, engine, failure, type Engine, type InferenceProgram, type TrainingProgram } from '@cultivar/sdk';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { Engines } from './engines.js';

const program = (name: string) => ({ name }) as unknown as InferenceProgram & TrainingProgram;

function makeEngine(name: string, { ok = true, unsupported = false, trains = true }) {
  class Some implements Engine {
    training?: Engine['training'];
    constructor() {
      if (trains) this.training = async () => this.make();
    }
    async available() { return { ok, reasons: [`${name} says so`] }; }
    async inference() { return this.make(); }
    private make() {
      if (unsupported) throw failure('ENGINE_UNSUPPORTED', { engine: name, layer: 'swirl', type: 'Swirl', reason: 'unheard of' });
      return program(name);
    }
  }
  return engine({ name, summary: 'For a test' })(Some);
}

async function open(engines: ReturnType<typeof makeEngine>[], reference = { name: 'auto' }) {
  const kernel = await createKernel({ plugins: [definePlugin({ name: 'engines', contributions: engines })] });
  const warnings: string[] = [];
  const run = kernel.openRun({ seed: 0, outputFolder: '/tmp', logger: { ...silentLogger, warn: (line) => { warnings.push(line); } } });
  return { engines: await Engines.open(kernel, run, reference), warnings };
}
const model = {} as LayersModel;

describe('engines', () => {
  it('are taken fast ones first, the one that works everywhere last', async () => {
    const { engines } = await open([makeEngine('tfjs', {}), makeEngine('another', {}), makeEngine('onnx', { trains: false })]);
    expect(engines.name).toBe('onnx');
    expect(engines.trainer).toBe('another');
    expect(await engines.training(model, { batchNorm: 'frozen' })).toMatchObject({ name: 'another' });
  });

  it('infer and train each with what is fastest at it', async () => {
    const { engines } = await open([makeEngine('tfjs', {}), makeEngine('tensorflow', {}), makeEngine('onnx', {})]);
    expect([engines.name, engines.trainer]).toEqual(['onnx', 'tensorflow']);
    const { engines: alone } = await open([makeEngine('tfjs', {}), makeEngine('another', {}), makeEngine('tensorflow', { ok: false }), makeEngine('onnx', {})]);
    expect([alone.name, alone.trainer]).toEqual(['onnx', 'onnx']);
    const { engines: asked } = await open([makeEngine('tfjs', {}), makeEngine('tensorflow', {}), makeEngine('onnx', {})], { name: 'onnx' });
    expect([asked.name, asked.trainer]).toEqual(['onnx', 'onnx']);
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

  it('asked for by name compute, and must work', async () => {
    const { engines } = await open([makeEngine('tfjs', {}), makeEngine('onnx', {})], { name: 'tfjs' });
    expect(engines.name).toBe('tfjs');
    await expect(open([makeEngine('tfjs', { ok: false }), makeEngine('onnx', {})], { name: 'tfjs' })).rejects.toMatchObject({ code: 'ENGINE_NONE' });
  });
});
