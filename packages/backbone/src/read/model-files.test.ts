import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { smallNetwork } from '../small-network.test.data.js';
import { loadModel, saveModel } from '../storage.js';

let base: string;
let folder: string;
let count = 0;
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'model-files-'));
  const model = smallNetwork();
  await saveModel(model, join(base, 'whole'));
  model.dispose();
});
afterAll(() => rm(base, { recursive: true, force: true }));
beforeEach(async () => {
  folder = join(base, String(count += 1));
  await cp(join(base, 'whole'), folder, { recursive: true });
});

interface Layer { class_name: string; name: string; config: Record<string, unknown>; inbound_nodes: unknown[] }
interface Content {
  modelTopology: { class_name: string; config: { layers: Layer[]; output_layers: unknown[] } } & Record<string, unknown>;
  weightsManifest: { paths: string[]; weights: { name: string; shape: number[]; dtype: string; quantization?: object }[] }[];
}

const edit = async (change: (content: Content) => void) => {
  const path = join(folder, 'model.json');
  const content = JSON.parse(await readFile(path, 'utf8')) as Content;
  change(content);
  await writeFile(path, JSON.stringify(content));
};
const layerOf = (content: Content, kind: string) => content.modelTopology.config.layers.find(({ class_name }) => class_name === kind)!;
const refused = async (reason: string | RegExp, code = 'BACKBONE_FORMAT') => {
  const before = tf.memory().numTensors;
  const began = performance.now();
  await expect(loadModel(folder)).rejects.toMatchObject({ code, message: expect.stringMatching(reason) });
  // Not a speed: what is refused is refused before anything is built of it.
  expect(performance.now() - began).toBeLessThan(20_000);
  expect(tf.memory().numTensors).toBe(before);
};

describe('weight files', () => {
  it.each(['../whole/weights.bin', '/etc/passwd', '..\\whole\\weights.bin', 'C:weights.bin', 'a/../../whole/weights.bin', 'weights.bin\0'])('named %j are not read', async (name) => {
    await edit(({ weightsManifest }) => { weightsManifest[0]!.paths = [name]; });
    await refused('does not lie in');
  });

  it('may lie further down, and be links to others in the folder', async () => {
    await mkdir(join(folder, 'parts'));
    await cp(join(folder, 'weights.bin'), join(folder, 'parts', 'real'));
    await rm(join(folder, 'weights.bin'));
    await symlink('parts/real', join(folder, 'weights.bin'));
    (await loadModel(folder)).dispose();
  });

  it.each<[string, RegExp, (path: string) => unknown]>([
    ['a link out of the folder', /leads out/, (path) => symlink(join(base, 'whole', 'weights.bin'), path)],
    ['a link to an endless device', /leads out/, (path) => symlink('/dev/zero', path)],
    ['a pipe', /not a file/, (path) => execFileSync('mkfifo', [path])],
    ['a folder', /is a folder/, (path) => mkdir(path)],
    ['larger than model.json announces', /more than the \d+ that it may/, (path) => writeFile(path, Buffer.alloc(1e6))],
    ['smaller than model.json announces', /hold 9 bytes/, (path) => writeFile(path, Buffer.alloc(9))],
    ['not numbers', /no numbers/, async (path) => writeFile(path, (await readFile(join(base, 'whole', 'weights.bin'))).fill(0xff))],
  ])('that are %s are refused', async (_, reason, make) => {
    if (process.platform === 'win32') return;
    const path = join(folder, 'weights.bin');
    await rm(path);
    await make(path);
    await refused(reason);
  });

  it('a link in the place of model.json, a pipe and a huge one are refused', async () => {
    const path = join(folder, 'model.json');
    await rm(path);
    await symlink(join(base, 'whole', 'model.json'), path);
    await refused('leads out');
    await rm(path);
    if (process.platform !== 'win32') {
      execFileSync('mkfifo', [path]);
      await refused('not a file');
      await rm(path);
    }
    await writeFile(path, Buffer.alloc(17 * 2 ** 20, ' '));
    await refused('more than the');
  });
});

describe('a model.json', () => {
  it.each<[string, RegExp, (content: Content) => void]>([
    ['huge shapes', /announces|too big|wrong at/i, ({ weightsManifest: [group] }) => { group!.weights[0]!.shape = [2 ** 30, 2 ** 30]; }],
    ['negative shapes', /weightsManifest/, ({ weightsManifest: [group] }) => { group!.weights[0]!.shape = [-3, -3]; }],
    ['fractions for sides', /weightsManifest/, ({ weightsManifest: [group] }) => { group!.weights[0]!.shape = [0.5]; }],
    ['texts for shapes', /weightsManifest/, ({ weightsManifest: [group] }) => { group!.weights[0]!.shape = ['3'] as unknown as number[]; }],
    ['an unknown type', /weightsManifest/, ({ weightsManifest: [group] }) => { group!.weights[0]!.dtype = 'constructor'; }],
    ['one file twice', /twice/, ({ weightsManifest: [group] }) => { group!.paths.push('weights.bin'); }],
    ['one weight twice', /twice/, ({ weightsManifest: [group] }) => { group!.weights[1]!.name = group!.weights[0]!.name; }],
    ['a weight called constructor', /no name/, ({ weightsManifest: [group] }) => { group!.weights[1]!.name = 'constructor'; }],
    ['quantised weights without a scale', /scale/, ({ weightsManifest: [group] }) => { group!.weights[0]!.quantization = { dtype: 'uint8' }; }],
    ['a group that is a text', /weightsManifest/, (content) => { content.weightsManifest = ['x'] as unknown as Content['weightsManifest']; }],
    ['a thousand million filters', /filters of layer/, (content) => { layerOf(content, 'Conv2D').config['filters'] = 1e9; }],
    ['more filters than weights', /more weights than/, (content) => { layerOf(content, 'Conv2D').config['filters'] = 1e7; }],
    ['more units than weights', /more weights than/, (content) => { layerOf(content, 'Dense').config['units'] = 1e7; }],
    ['no filters', /./, (content) => { layerOf(content, 'Conv2D').config['filters'] = 0; }],
    ['negative strides', /./, (content) => { layerOf(content, 'Conv2D').config['strides'] = [-1, -1]; }],
    ['half strides', /./, (content) => { layerOf(content, 'Conv2D').config['strides'] = [0.5, 0.5]; }],
    ['endless strides', /strides of layer/, (content) => { layerOf(content, 'Conv2D').config['strides'] = [1e12, 1]; }],
    ['an image as large as a country', /more than the|more weights/, (content) => { layerOf(content, 'InputLayer').config['batch_input_shape'] = [null, 1e6, 1e6, 3]; }],
    ['an image of no side', /gives an output/, (content) => { layerOf(content, 'InputLayer').config['batch_input_shape'] = [null, -32, 32, 3]; }],
    ['a class that is none', /no layer of class toString/, (content) => { layerOf(content, 'ReLU').class_name = 'toString'; }],
    ['a class that is the prototype', /no layer of class/, (content) => { layerOf(content, 'ReLU').class_name = 'hasOwnProperty'; }],
    ['a class in Python', /no layer of class Lambda/, (content) => { layerOf(content, 'ReLU').class_name = 'Lambda'; }],
    ['two layers of one name', /two layers/, ({ modelTopology: { config } }) => { config.layers[3]!.name = config.layers[2]!.name; config.layers[3]!.config['name'] = config.layers[2]!.name; }],
    ['a layer called constructor', /no name/, (content) => { layerOf(content, 'ReLU').name = 'constructor'; layerOf(content, 'ReLU').config['name'] = 'constructor'; }],
    ['a layer that reads what is not there', /not there/, (content) => { layerOf(content, 'Dense').inbound_nodes = [[['nowhere', 0, 0, {}]]]; }],
    ['a layer that reads itself', /waits for its own output/, (content) => { layerOf(content, 'Dense').inbound_nodes = [[['scores', 0, 0, {}]]]; }],
    ['a layer that reads a call that is never made', /waits for its own output/, (content) => { layerOf(content, 'Dense').inbound_nodes = [[['pool', 7, 0, {}]]]; }],
    ['a layer that reads an output of no number', /no output of a layer/, (content) => { layerOf(content, 'Dense').inbound_nodes = [[['pool', 'length', 0, {}]]]; }],
    ['an output that is not there', /output_?layers/i, ({ modelTopology: { config } }) => { config.output_layers = [['scores', 9, 0]]; }],
    ['keys in both ways of writing', /twice/, (content) => { (layerOf(content, 'Dense') as unknown as Record<string, unknown>)['className'] = 'Conv2D'; }],
    ['layers that are no objects', /stands where a layer/, ({ modelTopology: { config } }) => { config.layers.push(7 as unknown as Layer); }],
    ['settings that are none', /no settings|no name/, (content) => { (layerOf(content, 'Dense') as unknown as Record<string, unknown>)['config'] = null; }],
    ['layers in no order', /in no order/, ({ modelTopology: { config } }) => {
      for (let copy = 200; copy > 0; copy -= 1) config.layers.push({ class_name: 'ReLU', name: `more_${copy}`, config: { name: `more_${copy}` }, inbound_nodes: [[[copy === 1 ? 'pool' : `more_${copy - 1}`, 0, 0, {}]]] });
    }],
    ['too many layers', /more than 2000 layers/, ({ modelTopology: { config } }) => {
      for (let copy = 0; copy < 4000; copy += 1) config.layers.push({ class_name: 'ReLU', name: `more_${copy}`, config: { name: `more_${copy}` }, inbound_nodes: [[[copy === 0 ? 'stem' : `more_${copy - 1}`, 0, 0, {}]]] });
    }],
  ])('with %s is refused', async (_, reason, change) => {
    await edit(change);
    await refused(reason);
  });

  it('is built from what was checked: an inner topology with addresses of weights is not followed', async () => {
    await edit((content) => {
      content.modelTopology = { ...content.modelTopology, modelTopology: content.modelTopology, weightsManifest: [{ paths: ['http://127.0.0.1:9/steal'], weights: [] }], pathPrefix: '' } as unknown as Content['modelTopology'];
    });
    (await loadModel(folder)).dispose();
  });

  it('with networks that call one another twice, over and over, is refused before it is built', async () => {
    await edit((content) => {
      const input = layerOf(content, 'InputLayer');
      let inner: Layer | undefined;
      for (let level = 0; level < 30; level += 1) {
        const name = `level_${level}`;
        const within: Layer[] = [{ ...input, name: 'in', config: { ...input.config, name: 'in' }, inbound_nodes: [] }];
        if (inner) within.push({ ...inner, inbound_nodes: [[['in', 0, 0, {}]], [[inner.name, 1, 0, {}]]] });
        const last = inner ? [inner.name, 2, 0] : ['in', 0, 0];
        inner = { class_name: 'Functional', name, config: { name, layers: within, input_layers: [['in', 0, 0]], output_layers: [last] }, inbound_nodes: [] };
      }
      content.modelTopology.config.layers.push({ ...inner!, inbound_nodes: [[['pixels', 0, 0, {}]]] });
    });
    await refused(/more than 2000 layers|more than 200 levels/);
  });

  it.each<[string, string]>([
    ['deep', `{"modelTopology":{"a":${'['.repeat(1e5)}${']'.repeat(1e5)}},"weightsManifest":[]}`],
    ['full', `{"modelTopology":{"a":[${'0,'.repeat(5e6)}0]},"weightsManifest":[]}`],
    ['poisonous', '{"modelTopology":{"__proto__":{"a":1}},"weightsManifest":[]}'],
    ['no object', '[]'], ['nothing', 'null'], ['a list as topology', '{"modelTopology":[],"weightsManifest":[]}'],
  ])('that is %s is refused', async (_, text) => {
    await writeFile(join(folder, 'model.json'), text);
    await refused(/model\.json/);
  });
});
