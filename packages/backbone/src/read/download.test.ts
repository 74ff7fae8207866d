/** Downloads of the same weights at the same time, in processes of their own, from a server that is slow, killed in the middle, or means harm. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { fetchFiles } from './download.js';

const shards = [1000, 60_000, 7000].map((length, shard) => Buffer.from(Uint8Array.from({ length }, (_, at) => (at * 31 + shard) % 251)));
const bytes = shards.reduce((sum, { length }) => sum + length, 0);
const model = JSON.stringify({
  format: 'layers-model', modelTopology: { class_name: 'Functional', config: {} },
  weightsManifest: [{ paths: ['first', 'second', 'third'], weights: [{ name: 'all', shape: [bytes / 4], dtype: 'float32' }] }],
});
const served: Record<string, string | Buffer> = { '/model.json': model, '/first': shards[0]!, '/second': shards[1]!, '/third': shards[2]! };
const names = ['1-first', '2-second', '3-third', 'fetched.json', 'model.json'];
const sha256 = createHash('sha256').update(model).update(Buffer.concat(shards)).digest('hex');
const built = new URL('../../build/read/download.js', import.meta.url).href;

let folder: string;
let cache: string;
let server: Server;
let address: string;
let asked: string[];
/** What is sent of a file before the server waits to be let go on. */
let held: { path: string; release: Promise<void> } | undefined;
/** In place of a file. */
let wrong: Record<string, (response: ServerResponse) => void>;

beforeEach(async () => {
  [asked, held, wrong] = [[], undefined, {}];
  folder = await mkdtemp(join(tmpdir(), 'cultivar-download-'));
  cache = join(folder, 'cache');
  server = createServer(({ url = '' }, response) => {
    asked.push(url);
    const content = served[url];
    if (wrong[url]) return wrong[url](response);
    if (content === undefined) return void response.writeHead(404).end();
    if (held?.path !== url) return void response.end(content);
    response.writeHead(200, { 'content-length': content.length }).write(content.slice(0, content.length / 2));
    void held.release.then(() => response.end(content.slice(content.length / 2)));
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => { server.close(resolve); });
  await rm(folder, { recursive: true, force: true });
});

/** A process that fetches, and what it says: the checksum of what it has read, or the code of its error; and what it is told, line by line. */
function fetcher(limit = 'unlimited') {
  const program = `import { fetchFiles } from ${JSON.stringify(built)};
    const logger = { debug() {}, info: (line) => console.error(line), warn: (line) => console.error(line) };
    console.log(await fetchFiles(${JSON.stringify(address)}, { cacheFolder: ${JSON.stringify(cache)}, logger }).then(({ sha256 }) => sha256, ({ code, message }) => code + ' ' + message));`;
  const child = spawn('sh', ['-c', `ulimit -f ${limit}; exec "$0" --input-type=module -e "$1"`, process.execPath, program], { stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { result: '', told: '' };
  child.stdout.on('data', (chunk: Buffer) => { said.result += chunk.toString(); });
  child.stderr.on('data', (chunk: Buffer) => { said.told += chunk.toString(); });
  const ended = new Promise<string>((resolve) => { child.on('close', () => resolve(said.result.trim())); });
  return { child, ended, said };
}
const home = async () => join(cache, 'models', (await readdir(join(cache, 'models')))[0]!);
const contents = async () => (await readdir(await home())).sort();
/** Waits, however long it takes, until something holds. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => { setTimeout(resolve, 10); });
}
function hold(path: string): () => void {
  let release = () => {};
  held = { path, release: new Promise((resolve) => { release = resolve; }) };
  return release;
}
const part = async () => (await contents().catch(() => [])).find((name) => /^2-second\..+\.part$/.test(name));
const halfThere = () => until(async () => {
  const name = await part();
  return name !== undefined && (await stat(join(await home(), name))).size === 30_000;
});

(process.platform === 'win32' ? describe.skip : describe)('several processes that fetch the same weights', () => {
  it('make one download of it; those that wait say for whom, and all have the right bytes', async () => {
    const release = hold('/second');
    const all = [1, 2, 3].map(() => fetcher());
    await halfThere();
    await until(() => all.filter(({ said }) => /is being fetched by process \d+; this run waits for it/.test(said.told)).length === 2);
    release();
    expect(await Promise.all(all.map(({ ended }) => ended))).toEqual([sha256, sha256, sha256]);
    expect(asked).toEqual(['/model.json', '/first', '/second', '/third']);
    expect(await contents()).toEqual(names);
  });

  it('go on, one after the other, where one was killed in the middle; nothing of it is left', async () => {
    const release = hold('/second');
    const first = fetcher();
    await halfThere();
    const others = [fetcher(), fetcher()];
    await until(() => others.every(({ said }) => said.told.includes(`process ${first.child.pid}`)));
    held = undefined;
    first.child.kill('SIGKILL');
    expect(await Promise.all(others.map(({ ended }) => ended))).toEqual([sha256, sha256]);
    expect(asked).toEqual(['/model.json', '/first', '/second', '/model.json', '/second', '/third']);
    expect(await contents()).toEqual(names);
    release();
  });

  it('find the copy damaged, in each of several ways: it is mended once, under the eyes of the others', async () => {
    await fetchFiles(address, { cacheFolder: cache });
    const damages = [
      async () => writeFile(join(await home(), '2-second'), 'damaged'),
      async () => rm(join(await home(), 'model.json')),
      async () => { await rm(join(await home(), '3-third')); await mkdir(join(await home(), '3-third', 'in-the-way'), { recursive: true }); },
      async () => { await rm(join(await home(), 'fetched.json')); await mkdir(join(await home(), 'fetched.json', 'in-the-way'), { recursive: true }); },
      async () => { const path = await home(); await rm(path, { recursive: true }); await writeFile(path, 'a file'); },
    ];
    for (const damage of damages) {
      await damage();
      asked = [];
      expect(await Promise.all([fetcher(), fetcher()].map(({ ended }) => ended))).toEqual([sha256, sha256]);
      expect(asked.filter((path) => path === '/model.json')).toHaveLength(1);
      expect(await contents()).toEqual(names);
    }
  });

  it('that may not write so much say so, and leave what the next goes on from', async () => {
    expect(await fetcher('16').ended).toMatch(/^OUTPUT_WRITE .*2-second cannot be written \(the file would be larger than is allowed here\)/);
    expect(await contents()).toEqual(['1-first', 'fetched.json', 'model.json']);
    asked = [];
    expect(await fetcher().ended).toBe(sha256);
    expect(asked).toEqual(['/model.json', '/second', '/third']);
  });
});

describe('calls in one process', () => {
  it('make one download, and one that is stopped while it waits leaves the other alone', async () => {
    const release = hold('/second');
    const first = fetchFiles(address, { cacheFolder: cache });
    await halfThere();
    const controller = new AbortController();
    const logger = { debug() {}, warn() {}, info: () => controller.abort() };
    await expect(fetchFiles(address, { cacheFolder: cache, signal: controller.signal, logger })).rejects.toMatchObject({ name: 'AbortError' });
    const second = fetchFiles(address, { cacheFolder: cache });
    release();
    expect((await Promise.all([first, second])).map((files) => files.sha256)).toEqual([sha256, sha256]);
    expect(asked).toEqual(['/model.json', '/first', '/second', '/third']);
    expect(await contents()).toEqual(names);
  });

  it('that fetch anew take nothing of the copy, and leave it where the server does not answer', async () => {
    await fetchFiles(address, { cacheFolder: cache });
    const anew = () => fetchFiles(address, { cacheFolder: cache, anew: true });
    expect((await anew()).sha256).toBe(sha256);
    expect(asked).toHaveLength(8);
    wrong = { '/model.json': (response) => { response.writeHead(404).end(); } };
    await expect(anew()).rejects.toMatchObject({ code: 'BACKBONE_DOWNLOAD' });
    expect((await fetchFiles(address, { cacheFolder: cache })).sha256).toBe(sha256);
  });

  it('clear away what killed ones of every kind have left, and files of a former model', async () => {
    wrong = { '/third': (response) => { response.writeHead(404).end(); } };
    await expect(fetchFiles(address, { cacheFolder: cache })).rejects.toMatchObject({ code: 'BACKBONE_DOWNLOAD' });
    wrong = {};
    for (const name of ['2-second.0123456789ab.part', 'fetched.json.0123456789ab.part', '7-former']) await writeFile(join(await home(), name), 'x');
    expect((await fetchFiles(address, { cacheFolder: cache })).sha256).toBe(sha256);
    expect(await contents()).toEqual(names);
  });
});

const patience = { silence: 400 };
describe('a server that', () => {
  const forEver = (response: ServerResponse) => {
    const more = setInterval(() => { response.write(Buffer.alloc(1e6, ' ')); }, 1);
    response.on('close', () => clearInterval(more));
  };
  it.each<[string, string, string, RegExp, (response: ServerResponse) => void]>([
    ['answers with a page', '/model.json', 'BACKBONE_FORMAT', /model\.json/, (response) => { response.setHeader('content-type', 'text/html').end('<!doctype html><title>Sign in</title>'); }],
    ['answers with nothing', '/model.json', 'BACKBONE_FORMAT', /model\.json/, (response) => { response.end(); }],
    ['sends a model.json without an end', '/model.json', 'BACKBONE_DOWNLOAD', /more came than/, forEver],
    ['sends a model.json that unfolds without an end', '/model.json', 'BACKBONE_DOWNLOAD', /more came than/, (response) => { response.setHeader('content-encoding', 'gzip').end(gzipSync(Buffer.alloc(5e7, ' '))); }],
    ['sends weights without an end', '/second', 'BACKBONE_DOWNLOAD', /more came than/, forEver],
    ['sends weights that unfold to more than was announced', '/second', 'BACKBONE_DOWNLOAD', /more came than/, (response) => { response.setHeader('content-encoding', 'gzip').end(gzipSync(Buffer.alloc(5e7))); }],
    ['sends fewer weights than were announced', '/third', 'BACKBONE_DOWNLOAD', /\d+ bytes came where model\.json announces \d+/, (response) => { response.end('few'); }],
    ['falls silent', '/second', 'BACKBONE_DOWNLOAD', /nothing came|only \d+ bytes/, (response) => { response.write('few'); }],
    ['sends on in a circle', '/second', 'BACKBONE_DOWNLOAD', /more than 5 times/, (response) => { response.writeHead(302, { location: '/second' }).end(); }],
  ])('%s is refused, nothing of it is kept, and once it is well all is', async (what, path, code, message, answer) => {
    wrong = { [path]: answer };
    await expect(fetchFiles(address, { cacheFolder: cache, ...(what === 'falls silent' && { patience }) })).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    expect((await contents()).filter((name) => !names.includes(name))).toEqual([]);
    wrong = {};
    expect((await fetchFiles(address, { cacheFolder: cache })).sha256).toBe(sha256);
    expect(await contents()).toEqual(names);
  });
});
