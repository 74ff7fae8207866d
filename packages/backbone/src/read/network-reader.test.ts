import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { createServer, type Server } from 'node:http';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { saveModel } from '../index.js';
import { smallNetwork } from '../small-network.test.data.js';
import { defaultCacheFolder } from '@cultivar/sdk';
import { NetworkReader } from './network-reader.js';

let folder: string;
let cacheFolder: string;
let served: string;
let sha256: string;
let server: Server;
let address: string;
/** What the server does wrong, by the end of the path. */
let faults: Record<string, 'cut' | 'missing' | 'broken' | 'once'>;
let requests: string[];

beforeAll(() => tf.setBackend('cpu'));

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cultivar-reader-'));
  served = join(folder, 'served');
  cacheFolder = join(folder, 'cache');
  faults = {};
  requests = [];
  const model = smallNetwork();
  await saveModel(model, join(served, 'small'));
  model.dispose();
  await inShards(join(served, 'small'));
  ({ sha256 } = await readAndFree(join(served, 'small')));
  server = createServer((request, response) => {
    const path = request.url!.split('?')[0]!;
    const fault = Object.entries(faults).find(([end]) => path.endsWith(end));
    requests.push(request.url!);
    void readFile(join(served, path)).then((bytes) => {
      if (fault?.[1] === 'missing') response.writeHead(404).end();
      else if (fault?.[1] === 'broken') response.writeHead(500).end();
      else if (fault?.[1] === 'once') {
        delete faults[fault[0]];
        request.socket.destroy();
      } else if (fault?.[1] === 'cut') {
        response.writeHead(200, { 'content-length': bytes.length });
        response.write(bytes.subarray(0, bytes.length / 2), () => request.socket.destroy());
      } else response.writeHead(200).end(bytes);
    }, () => response.writeHead(404).end());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => {
    server.close(resolve);
  });
  await rm(folder, { recursive: true });
});

async function readAndFree(location: string, options: { sha256?: string; size?: number } = {}): Promise<{ sha256: string; location: string; shape: unknown }> {
  const before = tf.memory().numTensors;
  const { model, ...rest } = await new NetworkReader({ cacheFolder }).read({ location, ...options });
  const shape = model.inputs[0]!.shape;
  free(model);
  expect(tf.memory().numTensors).toBe(before);
  return { sha256: rest.sha256, location: rest.location, shape };
}

function free(model: LayersModel): void {
  model.dispose();
}

/** Splits weights.bin into three files, as converters do. */
async function inShards(path: string): Promise<void> {
  const json = JSON.parse(await readFile(join(path, 'model.json'), 'utf8')) as { weightsManifest: { paths: string[] }[] };
  const bytes = await readFile(join(path, 'weights.bin'));
  const cut = [0, 1000, 5000, bytes.length];
  json.weightsManifest[0]!.paths = ['group1-shard1of3', 'group1-shard2of3', 'parts/group1-shard3of3'];
  await mkdir(join(path, 'parts'));
  for (const [index, name] of json.weightsManifest[0]!.paths.entries()) await writeFile(join(path, name), bytes.subarray(cut[index], cut[index + 1]));
  await rm(join(path, 'weights.bin'));
  await writeFile(join(path, 'model.json'), JSON.stringify(json));
}

describe('local files', () => {
  it('a folder, a model.json and a file: URL are the same network', async () => {
    const path = join(served, 'small');
    for (const location of [path, join(path, 'model.json'), pathToFileURL(path).href]) {
      await expect(readAndFree(location, { sha256 })).resolves.toMatchObject({ sha256 });
    }
  });

  it('nothing there; not JSON; no network; weights cut short; a wrong checksum', async () => {
    const path = join(served, 'small');
    await expect(readAndFree(join(served, 'none'))).rejects.toMatchObject({ code: 'BACKBONE_NOT_FOUND' });
    await expect(readAndFree(path, { sha256: 'f'.repeat(64) })).rejects.toMatchObject({ code: 'BACKBONE_CHECKSUM', message: expect.stringContaining(sha256) });
    await writeFile(join(path, 'group1-shard2of3'), Buffer.alloc(10));
    await expect(readAndFree(path)).rejects.toMatchObject({ code: 'BACKBONE_FORMAT', message: expect.stringMatching(/bytes, model.json announces/) });
    await rm(join(path, 'group1-shard2of3'));
    await expect(readAndFree(path)).rejects.toMatchObject({ code: 'BACKBONE_NOT_FOUND', message: expect.stringContaining('group1-shard2of3') });
    for (const content of ['{', '{}', '{"modelTopology":{"x":1},"weightsManifest":[]}', '{"modelTopology":{"model_config":{"class_name":"Model","config":{}}},"weightsManifest":[]}']) {
      await writeFile(join(path, 'model.json'), content);
      await expect(readAndFree(path)).rejects.toMatchObject({ code: 'BACKBONE_FORMAT' });
    }
  });

  it('weights of other names leave no tensor behind', async () => {
    const path = join(served, 'small', 'model.json');
    await writeFile(path, (await readFile(path, 'utf8')).replace('"name":"stem/kernel"', '"name":"other/kernel"'));
    const before = tf.memory().numTensors;
    await expect(readAndFree(path)).rejects.toMatchObject({ code: 'BACKBONE_FORMAT' });
    expect(tf.memory().numTensors).toBe(before);
  });

  it('an open input size is filled in', async () => {
    const path = join(served, 'small', 'model.json');
    await writeFile(path, (await readFile(path, 'utf8')).replace('[null,32,32,3]', '[null,null,null,3]'));
    await expect(readAndFree(path, { size: 48 })).resolves.toMatchObject({ shape: [null, 48, 48, 3] });
  });

  it.each(['float16', 'uint8', 'uint16'] as const)('weights stored as %s are expanded', async (dtype) => {
    const path = join(served, 'small');
    const json = JSON.parse(await readFile(join(path, 'model.json'), 'utf8')) as { weightsManifest: { paths: string[]; weights: { shape: number[]; quantization?: object }[] }[] };
    const [group] = json.weightsManifest;
    let bytes = 0;
    for (const weight of group!.weights) {
      weight.quantization = dtype === 'float16' ? { dtype } : { dtype, min: 0.25, scale: 0.5 };
      bytes += weight.shape.reduce((a, b) => a * b, 1) * (dtype === 'uint8' ? 1 : 2);
    }
    group!.paths = ['quantised'];
    await writeFile(join(path, 'model.json'), JSON.stringify(json));
    await writeFile(join(path, 'quantised'), Buffer.alloc(bytes));
    const { model } = await new NetworkReader().read({ location: path });
    expect(model.weights[0]!.read().dataSync()[0]).toBe(dtype === 'float16' ? 0 : 0.25);
    model.dispose();
  });
});

describe('URLs', () => {
  it('are fetched once, then read from the cache; a query goes to every file', async () => {
    await expect(readAndFree(`${address}/small?token=7`, { sha256 })).resolves.toMatchObject({ location: `${address}/small/model.json?token=7` });
    expect(requests).toHaveLength(4);
    expect(requests.every((url) => url.endsWith('?token=7'))).toBe(true);
    await expect(readAndFree(`${address}/small?token=7`, { sha256 })).resolves.toBeDefined();
    await expect(readAndFree(`${address}/small/model.json?token=7`, { sha256 })).resolves.toBeDefined();
    expect(requests).toHaveLength(4);
  });

  it('a connection that breaks once is tried again', async () => {
    faults = { shard2of3: 'once', 'model.json': 'once' };
    await expect(readAndFree(`${address}/small`, { sha256 })).resolves.toBeDefined();
  });

  it('a download that breaks off is an error, leaves no half file, and goes on where it stopped', async () => {
    faults = { shard3of3: 'cut' };
    await expect(readAndFree(`${address}/small`)).rejects.toMatchObject({ code: 'BACKBONE_DOWNLOAD', exit: 1 });
    const [cached] = await readdir(join(cacheFolder, 'models'));
    const files = await readdir(join(cacheFolder, 'models', cached!));
    expect(files.sort()).toEqual(['1-group1-shard1of3', '2-group1-shard2of3', 'fetched.json', 'model.json']);
    faults = {};
    requests = [];
    await expect(readAndFree(`${address}/small`, { sha256 })).resolves.toBeDefined();
    expect(requests).toEqual(['/small/model.json', '/small/parts/group1-shard3of3']);
  });

  it('a missing file, a broken server and no server are errors that say so', async () => {
    faults = { shard1of3: 'missing' };
    await expect(readAndFree(`${address}/small`)).rejects.toMatchObject({ code: 'BACKBONE_DOWNLOAD', message: expect.stringMatching(/404/) });
    expect(requests).toHaveLength(2);
    faults = { shard1of3: 'broken' };
    await expect(readAndFree(`${address}/small`)).rejects.toMatchObject({ code: 'BACKBONE_DOWNLOAD', message: expect.stringMatching(/500/) });
    await expect(readAndFree('http://127.0.0.1:9/none')).rejects.toMatchObject({ code: 'BACKBONE_DOWNLOAD' });
  });

  it('a wrong checksum is an error, and the next right one is not held up by it', async () => {
    await expect(readAndFree(`${address}/small`, { sha256: '0'.repeat(64) })).rejects.toMatchObject({ code: 'BACKBONE_CHECKSUM' });
    await expect(readAndFree(`${address}/small`, { sha256 })).resolves.toBeDefined();
  });

  it('a wrong checksum does not take the copy away from others, nor from the next where there is no server', async () => {
    await readAndFree(`${address}/small`);
    const wrong = () => new NetworkReader({ cacheFolder }).read({ location: `${address}/small`, sha256: '0'.repeat(64) });
    const right = () => new NetworkReader({ cacheFolder }).read({ location: `${address}/small`, sha256 }).then(({ model }) => free(model));
    const outcomes = await Promise.allSettled([wrong(), right(), wrong(), right(), right()]);
    expect(outcomes.map((outcome) => (outcome.status === 'rejected' ? (outcome.reason as { code: string }).code : 'read'))).toEqual(['BACKBONE_CHECKSUM', 'read', 'BACKBONE_CHECKSUM', 'read', 'read']);
    faults = { 'model.json': 'missing' };
    await expect(wrong()).rejects.toMatchObject({ code: 'BACKBONE_DOWNLOAD' });
    await right();
  });

  it('a damaged copy in the cache is fetched again', async () => {
    await readAndFree(`${address}/small`);
    const [cached] = await readdir(join(cacheFolder, 'models'));
    await writeFile(join(cacheFolder, 'models', cached!, '1-group1-shard1of3'), 'damaged');
    await expect(readAndFree(`${address}/small`, { sha256 })).resolves.toBeDefined();
  });

  it('a download can be stopped', async () => {
    const reader = new NetworkReader({ cacheFolder, signal: AbortSignal.abort() });
    await expect(reader.read({ location: `${address}/small` })).rejects.toMatchObject({ name: 'AbortError' });
  });

  const shards = async (change: (paths: string[]) => void) => {
    const path = join(served, 'small', 'model.json');
    const json = JSON.parse(await readFile(path, 'utf8')) as { weightsManifest: { paths: string[] }[] };
    change(json.weightsManifest[0]!.paths);
    await writeFile(path, JSON.stringify(json));
  };

  it.each<[string, RegExp, (at: string) => string]>([
    ['at another host', /another origin, http:\/\/localhost:\d+, which crossOrigin=true allows/, (at) => `${at.replace('127.0.0.1', 'localhost')}/small/group1-shard1of3`],
    ['at another port, without a scheme', /another origin/, () => '//127.0.0.1:9/shard'],
    ['written with backslashes', /another origin/, () => '\\\\127.0.0.1:9\\shard'],
    ['on the disk', /lies at file:/, () => 'file:///etc/passwd'],
    ['in the address itself', /lies at data:/, () => 'data:,abc'],
    ['nowhere', /has no address/, () => 'http://['],
  ])('weight files %s are not fetched', async (_, reason, name) => {
    await shards((paths) => { paths[0] = name(address); });
    await expect(readAndFree(`${address}/small`)).rejects.toMatchObject({ code: 'BACKBONE_DOWNLOAD', message: expect.stringMatching(reason) });
    expect(requests).toEqual(['/small/model.json']);
  });

  it('weight files at another origin are fetched where that is allowed', async () => {
    await shards((paths) => { paths[0] = `${address.replace('127.0.0.1', 'localhost')}/small/group1-shard1of3`; });
    const { model } = await new NetworkReader({ cacheFolder }).read({ location: `${address}/small`, crossOrigin: true });
    free(model);
  });

  it('names of weight files that read alike, or like ours, are files of their own, in the cache alone', async () => {
    await mkdir(join(served, 'small', 'a'));
    await writeFile(join(served, 'small', 'a', 'b'), await readFile(join(served, 'small', 'group1-shard1of3')));
    await writeFile(join(served, 'small', 'a-b'), await readFile(join(served, 'small', 'group1-shard2of3')));
    await writeFile(join(served, 'fetched.json'), await readFile(join(served, 'small', 'parts', 'group1-shard3of3')));
    await shards((paths) => { paths.splice(0, 3, 'a/b', 'a-b', '../fetched.json'); });
    await readAndFree(`${address}/small`);
    await readAndFree(`${address}/small`);
    expect(requests).toHaveLength(4);
    const [cached] = await readdir(join(cacheFolder, 'models'));
    expect((await readdir(join(cacheFolder, 'models', cached!))).toSorted()).toEqual(['1-a-b', '2-a-b', '3-..-fetched.json', 'fetched.json', 'model.json']);
  });

  it.each(['1-group1-shard1of3', '3-parts-group1-shard3of3', 'model.json', 'fetched.json'])('a bit flipped in the cached %s is seen, said and fetched again; without a server it is refused', async (name) => {
    await readAndFree(`${address}/small`);
    const [cached] = await readdir(join(cacheFolder, 'models'));
    const path = join(cacheFolder, 'models', cached!, name);
    const damage = async () => {
      const bytes = await readFile(path);
      bytes[bytes.length >> 1]! ^= 1;
      await writeFile(path, bytes);
    };
    await damage();
    const said: string[] = [];
    const logger = { debug: () => undefined, info: () => undefined, warn: (line: string) => { said.push(line); } };
    const again = await new NetworkReader({ cacheFolder, logger }).read({ location: `${address}/small` });
    free(again.model);
    expect(again.sha256).toBe(sha256);
    if (name !== 'fetched.json') expect(said).toEqual([expect.stringMatching(/in the cache is damaged; it is fetched again/)]);
    await damage();
    faults = { 'model.json': 'missing' };
    await expect(readAndFree(`${address}/small`)).rejects.toMatchObject({ code: 'BACKBONE_DOWNLOAD', message: expect.stringMatching(name === 'fetched.json' ? /404/ : /is damaged, and it cannot be fetched again/) });
  });

  it('a server that sends more than model.json announces is not listened to, and name and password are not kept', async () => {
    const { location } = await readAndFree(`${address.replace('//', '//me:secret@')}/small`);
    expect(location).toBe(`${address}/small/model.json`);
    await writeFile(join(served, 'small', 'group1-shard3of3'), '');
    await writeFile(join(served, 'small', 'parts', 'group1-shard3of3'), Buffer.alloc(5e6));
    await rm(cacheFolder, { recursive: true });
    await expect(readAndFree(`${address}/small`)).rejects.toMatchObject({ code: 'BACKBONE_DOWNLOAD', message: expect.stringMatching(/more (came )?than the \d+/) });
  });

  it('the cache is where the environment says', () => {
    expect(defaultCacheFolder({ CULTIVAR_CACHE: '/a' })).toBe('/a');
    expect(defaultCacheFolder({ XDG_CACHE_HOME: '/b' })).toBe('/b/cultivar');
    expect(defaultCacheFolder({})).toMatch(/\.cache.cultivar$/);
  });
});
