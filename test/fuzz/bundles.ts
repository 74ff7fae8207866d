/**
 * Damaged and hostile bundles, models, plugin manifests and cached weights. What is damaged opens to the very same answers or is refused with a code; what is
 * hostile and sealed as if it were ours is refused, or answers with probabilities. Nothing outside is run.
 */
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { NetworkReader, prepareBackbone } from '@cultivar/backbone';
import { createKernel } from '@cultivar/kernel';
import { CultivarError } from '@cultivar/sdk';
import { writeModelBundle, type NewManifest } from '@cultivar/training';
import '../conformance/backend.js';
import * as tf from '@tensorflow/tfjs-core';
import { layers, model as makeModel, type LayersModel, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { load } from 'cultivar';
import { randomFrom, type Random } from './random.js';
import type { FuzzTarget } from './target.js';

const size = 12;
const image = { shape: [size, size, 3], dtype: 'int32', data: async () => Array.from({ length: size * size * 3 }, (_, index) => (index * 37) % 256) };
const manifest = {
  labels: ['birch', 'maple', 'oak'], preprocessing: { size, resize: 'stretch', mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5], channels: 'rgb' }, seed: 3,
  testTime: { crops: 1, monteCarlo: { rate: 0.25, draws: 3 } }, metrics: { accuracy: 0.9 }, versions: { cultivar: '0.1.0' },
} as unknown as NewManifest;

/** What all attempts start from. */
interface Whole {
  base: string;
  bundle: string;
  answers: string;
  server: Server;
  address: string;
  /** Whether the server answers. */
  up: boolean;
  sha256: string;
}

let making: Promise<Whole> | undefined;
const whole = () => (making ??= makeWhole());

function network(): LayersModel {
  const input = layers.input({ shape: [size, size, 3], name: 'pixels' }) as unknown as SymbolicTensor;
  let x = layers.conv2d({ name: 'conv', filters: 6, kernelSize: 3, strides: 2, padding: 'same' }).apply(input) as SymbolicTensor;
  x = layers.batchNormalization({ name: 'norm' }).apply(x) as SymbolicTensor;
  x = layers.reLU({ name: 'relu', maxValue: 6 }).apply(x) as SymbolicTensor;
  const pooled = layers.globalAveragePooling2d({ name: 'pool' }).apply(x) as SymbolicTensor;
  return makeModel({ inputs: input, outputs: layers.dense({ name: 'head', units: 3, activation: 'softmax' }).apply(pooled) as SymbolicTensor, name: 'small' });
}

async function makeWhole(): Promise<Whole> {
  const base = await mkdtemp(join(tmpdir(), 'cultivar-fuzz-bundles-'));
  const bundle = join(base, 'bundle');
  const model = network();
  await writeModelBundle(bundle, model, manifest);
  model.dispose();
  const state = { up: true };
  const server = createServer((request, response) => {
    if (!state.up) return void response.writeHead(410).end();
    readFile(join(bundle, basename(request.url!))).then((bytes) => response.end(bytes), () => response.writeHead(404).end());
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/model.json`;
  const sha256 = (JSON.parse(await readFile(join(bundle, 'cultivar.json'), 'utf8')) as { modelSha256: string }).modelSha256;
  return Object.assign(state, { base, bundle, answers: JSON.stringify(await answersOf(bundle)), server, address, sha256 });
}

async function answersOf(bundle: string): Promise<{ label: string; probability: number }[]> {
  const classifier = await load(bundle, { engine: 'tfjs' });
  try {
    return await classifier.classify(image);
  } finally {
    await classifier.dispose();
  }
}

const hostile: unknown[] = [
  1e9, -1, 0, 0.5, -0.5, 2 ** 31, 2 ** 53, 1e300, 'INFINITY', null, true, '', 'x', '__proto__', 'constructor', '../weights.bin', '/etc/passwd', '/dev/zero', '\u0000', 'a'.repeat(5000), [], {}, [[]],
  [1e9, 1e9, 1e9], { class_name: 'Dense', config: {} }, ['relu', 0, 0, {}], [[['norm', 0, 0, {}]]],
];

/** Every place of a JSON value, as keys from the top. */
function placesIn(value: unknown, path: (string | number)[] = []): (string | number)[][] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, child]) => placesIn(child, [...path, key]))];
}

function mutateJson(text: string, random: Random): string {
  const content = JSON.parse(text) as object;
  for (let left = 1 + random.below(3); left > 0; left -= 1) {
    const places = placesIn(content).filter((path) => path.length > 0);
    if (places.length === 0) break;
    const path = random.pick(places);
    const holder = path.slice(0, -1).reduce<Record<string, unknown>>((at, key) => at[key] as Record<string, unknown>, content as Record<string, unknown>);
    const key = String(path.at(-1));
    const way = random.below(5);
    if (way === 0) delete holder[key];
    else if (way === 1) holder[key] = structuredClone(random.pick(places.map((place) => place.reduce<unknown>((at, step) => (at as Record<string, unknown>)[step], content))));
    else if (way === 2 && Array.isArray(holder)) holder.splice(random.below(holder.length + 1), 0, structuredClone(random.pick(hostile)));
    else holder[key] = structuredClone(random.pick(hostile));
    if (JSON.stringify(content).length > 1e6) break;
  }
  return JSON.stringify(content).replaceAll('"INFINITY"', '1e999').replace('"name":"small"', random.chance(0.1) ? '"__proto__":{"name":"small"}' : '"name":"small"');
}

function mutateBytes(bytes: Buffer, random: Random): Buffer {
  const changed = Buffer.from(bytes);
  const flips = random.pick([1, 1, 2, 20, 200]);
  for (let left = flips; left > 0; left -= 1) changed[random.below(changed.length)]! ^= 1 << random.below(8);
  if (random.chance(0.15)) return changed.subarray(0, random.below(changed.length));
  return random.chance(0.1) ? Buffer.concat([changed, random.bytes(1 + random.below(100))]) : changed;
}

/** Something else stands where the file was. */
async function replaceFile(path: string, random: Random): Promise<void> {
  await rm(path, { recursive: true });
  const way = process.platform === 'win32' ? random.below(2) : random.below(5);
  if (way === 0) await mkdir(path);
  else if (way === 2) execFileSync('mkfifo', [path]);
  else if (way === 3) await symlink(random.pick(['/dev/zero', '/dev/random', '/etc/passwd', '/proc/self/mem', '..']), path);
  else if (way === 4) await symlink(basename(path), path);
}

const sum = (...parts: (string | Buffer)[]) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest('hex');

/** As if we had written it. */
async function seal(folder: string): Promise<void> {
  const [model, weights] = await Promise.all(['model.json', 'weights.bin'].map((name) => readFile(join(folder, name))));
  const path = join(folder, 'cultivar.json');
  const content = JSON.parse(await readFile(path, 'utf8')) as object;
  const sealed = { ...content, modelSha256: sum(model!, weights!), files: { 'model.json': sum(model!), 'weights.bin': sum(weights!) }, sha256: undefined };
  const told = JSON.parse(JSON.stringify(sealed)) as object;
  await writeFile(path, JSON.stringify({ ...told, sha256: sum(JSON.stringify(told)) }));
}

async function attackBundle(random: Random, folder: string): Promise<string | undefined> {
  const { bundle, answers } = await whole();
  await cp(bundle, folder, { recursive: true });
  const name = random.pick(['model.json', 'weights.bin', 'cultivar.json']);
  const path = join(folder, name);
  const way = random.below(4);
  if (way === 0) await replaceFile(path, random);
  else if (way === 1 || name === 'weights.bin') await writeFile(path, mutateBytes(await readFile(path), random));
  else await writeFile(path, mutateJson(await readFile(path, 'utf8'), random));
  const sealed = way === 3 && await seal(folder).then(() => true, () => false);
  const found = await answersOf(folder);
  if (!sealed) return JSON.stringify(found) === answers ? undefined : `a damaged ${name} answers ${JSON.stringify(found)}`;
  const total = found.reduce((all, { probability }) => all + probability, 0);
  return found.every(({ probability }) => probability >= 0 && probability <= 1.001) && Math.abs(total - 1) < 0.01 ? undefined : `a hostile ${name} answers ${JSON.stringify(found)}`;
}

async function attackModel(random: Random, folder: string): Promise<string | undefined> {
  const { bundle } = await whole();
  await cp(bundle, folder, { recursive: true });
  const path = join(folder, 'model.json');
  await writeFile(path, random.chance(0.8) ? mutateJson(await readFile(path, 'utf8'), random) : mutateBytes(await readFile(path), random));
  const { model, location: source, sha256 } = await new NetworkReader().read({ location: folder, size: random.chance(0.3) ? 16 : undefined });
  prepareBackbone({ model, input: { ...manifest.preprocessing, size: model.inputs[0]?.shape[1] ?? 16 }, licence: '', source, sha256 }, 'fuzz').model.dispose();
  return undefined;
}

const outside = 'cultivarFuzzOutside';

async function attackPlugin(random: Random, folder: string): Promise<string | undefined> {
  const plugin = join(folder, 'plugin');
  await mkdir(join(plugin, 'dist'), { recursive: true });
  const code = (run: string) => `${run}\nexport default { name: 'fuzz', contributions: [] };\n`;
  await writeFile(join(plugin, 'dist', 'index.mjs'), code(''));
  await writeFile(join(folder, 'outside.mjs'), code(`globalThis.${outside} = true;`));
  const entry = random.pick(['./dist/index.mjs', './dist/index.mjs', '../outside.mjs', './dist/../../outside.mjs', join(folder, 'outside.mjs'), 'dist', '.', '', './dist\\..\\..\\outside.mjs', 'file:../outside.mjs', './dist/link.mjs']);
  await symlink('../../outside.mjs', join(plugin, 'dist', 'link.mjs'));
  const text = JSON.stringify({ name: 'fuzz', version: '1.0.0', type: 'module', cultivar: { plugin: entry, engine: '^0.1.0' } });
  const path = join(plugin, 'package.json');
  await writeFile(path, random.chance(0.3) ? mutateJson(text, random) : random.chance(0.3) ? mutateBytes(Buffer.from(text), random) : text);
  if (random.chance(0.15)) await replaceFile(random.pick([path, join(plugin, 'dist', 'index.mjs')]), random);
  try {
    await createKernel({ plugins: [random.chance(0.1) ? '/dev/zero' : './plugin'], from: folder });
  } finally {
    if (outside in globalThis) {
      Reflect.deleteProperty(globalThis, outside);
      // eslint-disable-next-line no-unsafe-finally
      return 'a file outside of the plugin was run';
    }
  }
  return undefined;
}

async function attackCache(random: Random, folder: string): Promise<string | undefined> {
  const shared = await whole();
  const read = async () => {
    const { model, sha256 } = await new NetworkReader({ cacheFolder: folder }).read({ location: shared.address });
    model.dispose();
    return sha256 === shared.sha256 ? undefined : `cached weights came out with SHA-256 ${sha256}`;
  };
  const fresh = await read();
  if (fresh !== undefined) return fresh;
  const [name] = await readdir(join(folder, 'models'));
  const cached = join(folder, 'models', name!);
  const path = join(cached, random.pick(await readdir(cached)));
  if (random.chance(0.3)) await replaceFile(path, random);
  else await writeFile(path, mutateBytes(await readFile(path), random));
  shared.up = random.chance(0.5);
  try {
    return await read();
  } catch (error) {
    return shared.up && error instanceof CultivarError ? `a damaged cache was not fetched again: ${error.message}` : Promise.reject(error as Error);
  } finally {
    shared.up = true;
  }
}

const attacks = [attackBundle, attackBundle, attackBundle, attackModel, attackPlugin, attackCache];

export const target: FuzzTarget = {
  name: 'bundles',
  async attempt(seed, folder) {
    const random = randomFrom(seed);
    await whole();
    const before = tf.memory().numTensors;
    let finding: string | undefined;
    try {
      finding = await random.pick(attacks)(random, folder);
    } finally {
      const left = tf.memory().numTensors - before;
      // eslint-disable-next-line no-unsafe-finally
      if (left !== 0) return `${left} tensors are left`;
    }
    return finding;
  },
  async end() {
    if (!making) return;
    const { base, server } = await making;
    making = undefined;
    server.closeAllConnections();
    await new Promise((resolve) => { server.close(resolve); });
    await rm(base, { recursive: true, force: true });
  },
};
