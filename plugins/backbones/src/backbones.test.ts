import { beforeAll, describe, expect, it } from '@jest/globals';
import { NetworkReader, prepareBackbone } from '@cultivar/backbone';
import { createKernel, parseReference } from '@cultivar/kernel';
import { type Backbone, type LoadedBackbone, ModelReader } from '@cultivar/sdk';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import plugin from './index.js';
import { Nano, nanoSha256, nanoStatisticsSha256 } from './nano.js';

const shared = process.env['CULTIVAR_SHARED'] ?? fileURLToPath(new URL('../../../../shared', import.meta.url));
const models = join(shared, 'models');
const real = existsSync(models) ? it : it.skip;
const needs = existsSync(models) ? '' : ' (skipped: no pretrained weights in CULTIVAR_SHARED/models)';
const embedded = existsSync(new URL('../dist/nano/model.json', import.meta.url));

async function load(reference: string): Promise<LoadedBackbone> {
  const kernel = await createKernel({ plugins: [plugin] });
  const run = kernel.openRun({ seed: 0, outputFolder: tmpdir(), services: [[ModelReader, new NetworkReader()]] });
  try {
    return await run.create<Backbone>('backbone', parseReference(reference)).load();
  } finally {
    await run.dispose();
  }
}

beforeAll(() => tf.setBackend('cpu'));

describe('backbones', () => {
  real.each([
    ['mobilenet-v1:alpha=0.25', 'mobilenet-v1-0.25-224-layers', 224, 256, 5],
    ['mobilenet-v1:alpha=0.75', 'mobilenet-v1-0.75-224-layers', 224, 768, 5],
    ['mobilenet-v1:alpha=0.25', 'mobilenet-v1-0.25-224-graph', 224, 256, 5],
    ['mobilenet-v2:alpha=0.35', 'teachable-machine-export', 224, 1280, 8],
    ['mobilenet-v2:alpha=0.5', 'mobilenet-v2-0.50-96-graph', 96, 1280, 8],
    ['mobilenet-v2:alpha=1', 'mobilenet-v2-1.00-224-layers', 224, 1280, 8],
    ['mobilenet-v2:alpha=1,size=160', 'mobilenet-v2-1.00-224-layers', 160, 1280, 8],
    ['layers-model:licence=none', 'teachable-machine-export', 224, 1280, 8],
    ['graph-model:licence=none', 'mobilenet-v2-0.50-96-graph', 96, 1280, 8],
  ])(`%s reads %s and knows its statistics${needs}`, async (reference, folder, size, features, stages) => {
    const before = tf.memory().numTensors;
    const loaded = await load(`${reference},${reference.includes('-model') ? 'path' : 'weights'}=${join(models, folder)}`);
    const resize = reference.includes('-model') ? { resize: 'stretch' } : { resize: 'crop', cropFraction: 0.875, second: { resize: 'stretch' } };
    expect(loaded.input).toEqual({ size, ...resize, kernel: 'cubic', mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5], channels: 'rgb' });
    expect(loaded.statistics?.count).toBe(1000);
    expect(loaded.statistics?.mean).toHaveLength(features);
    expect(loaded.statistics?.std).toHaveLength(features);
    expect(loaded.sha256).toMatch(/^[0-9a-f]{64}$/);
    const prepared = prepareBackbone(loaded, 'it');
    expect(prepared.stages).toHaveLength(stages);
    expect(prepared.stages.at(-1)!.outputShape.at(-1)).toBe(features);
    prepared.model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  real(`MobileNetV2 is cut at the ends of its blocks${needs}`, async () => {
    const prepared = prepareBackbone(await load(`mobilenet-v2:alpha=1,weights=${join(models, 'mobilenet-v2-1.00-224-layers')}`), 'it');
    expect(prepared.stages.map(({ output, outputShape }) => `${output} ${outputShape.join('x')}`)).toEqual([
      'expanded_conv_project_BN 112x112x16', 'block_2_add 56x56x24', 'block_5_add 28x28x32', 'block_9_add 14x14x64',
      'block_12_add 14x14x96', 'block_15_add 7x7x160', 'block_16_project_BN 7x7x320', 'out_relu 7x7x1280',
    ]);
    prepared.model.dispose();
  });

  real(`layers-model reads SqueezeNet in its own scaling${needs}`, async () => {
    const loaded = await load(`layers-model:path=${join(models, 'squeezenet-1.1-layers')},mean=0,std=1,channels=bgr`);
    expect(loaded.input).toMatchObject({ mean: [0, 0, 0], std: [1, 1, 1], channels: 'bgr' });
    expect(loaded.statistics).toBeUndefined();
    const prepared = prepareBackbone(loaded, 'it');
    expect(prepared.stages.map((stage) => stage.output)).toEqual(['fire3/concat', 'fire5/concat', 'fire7/concat', 'fire8/concat', 'max_pooling2d_1']);
    prepared.model.dispose();
  });

  real(`output= ends the network earlier${needs}`, async () => {
    const before = tf.memory().numTensors;
    for (const [reference, shape] of [
      [`layers-model:path=${join(models, 'mobilenet-v1-0.25-224-layers')},output=conv_pw_11_relu`, [14, 14, 128]],
      [`graph-model:path=${join(models, 'mobilenet-v2-0.50-96-graph')},output=module_apply_default/MobilenetV2/expanded_conv_12/add`, [6, 6, 48]],
    ] as const) {
      const prepared = prepareBackbone(await load(reference), 'it');
      expect(prepared.stages.at(-1)!.outputShape).toEqual(shape);
      prepared.model.dispose();
    }
    expect(tf.memory().numTensors).toBe(before);
  });

  real.each([
    ['mobilenet-v2:alpha=1', 'mobilenet-v1-0.75-224-layers', 'BACKBONE_WEIGHTS', /13 depthwise convolutions/],
    ['mobilenet-v2:alpha=0.5', 'mobilenet-v2-1.00-224-layers', 'BACKBONE_WEIGHTS', /320 channels, that of alpha 0.5 has 160/],
    ['mobilenet-v1:alpha=0.5', 'mobilenet-v1-0.25-224-graph', 'BACKBONE_WEIGHTS', /256 channels/],
    ['mobilenet-v1:alpha=0.25,sha256=abc', 'mobilenet-v1-0.25-224-layers', 'BACKBONE_CHECKSUM', /SHA-256/],
    ['mobilenet-v1:alpha=0.25', 'nothing-here', 'BACKBONE_NOT_FOUND', /nothing-here/],
    ['graph-model:licence=none', 'mobilenet-v1-0.25-224-layers', 'BACKBONE_FORMAT', /it is a layers-model/],
    ['layers-model:licence=none', 'mobilenet-v1-0.25-224-graph', 'BACKBONE_FORMAT', /it is a graph-model/],
  ])(`%s with %s: %s${needs}`, async (reference, folder, code, message) => {
    const before = tf.memory().numTensors;
    await expect(load(`${reference},weights=${join(models, folder)}`)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    expect(tf.memory().numTensors).toBe(before);
  });

  it('an alpha that was never published is refused before anything is read', async () => {
    await expect(load('mobilenet-v2:alpha=0.6')).rejects.toMatchObject({ code: 'OPTION_INVALID' });
  });

  it('a file backbone without a path says so', async () => {
    await expect(load('layers-model')).rejects.toMatchObject({ code: 'OPTION_INVALID' });
  });

  (embedded ? it : it.skip)(`nano is embedded, with its statistics${embedded ? '' : ' (skipped: not built in)'}`, async () => {
    const before = tf.memory().numTensors;
    const prepared = prepareBackbone(await load('nano'), 'nano');
    expect(prepared.stages.length).toBeGreaterThanOrEqual(4);
    expect(prepared.statistics!.mean).toHaveLength(prepared.stages.at(-1)!.outputShape.at(-1)!);
    prepared.model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('the embedded one is verified against what was published, statistics too', async () => {
    const folder = new URL('../../../models/nano/', import.meta.url);
    const sums = (...names: string[]) => names.reduce((hash, name) => hash.update(readFileSync(new URL(name, folder))), createHash('sha256')).digest('hex');
    expect([sums('model.json', 'weights.bin'), sums('statistics.json')]).toEqual([nanoSha256, nanoStatisticsSha256]);
    const asked: unknown[] = [];
    const reader = { read: async (request: unknown) => { asked.push(request); throw new Error('enough'); } };
    await expect(Object.assign(Object.create(Nano.prototype) as Nano, { options: {}, reader }).load()).rejects.toThrow('enough');
    expect(asked).toEqual([expect.objectContaining({ sha256: nanoSha256 })]);
  });
});
