import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSocketServer, type AddressInfo, type Server as SocketServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { attempt, downloadFile, downloadText, mayPass } from './download.js';

const content = Buffer.from(Uint8Array.from({ length: 50_000 }, (_, index) => (index * 31) % 251));
/** For servers that say nothing; others have time, whatever else the machine does. */
const impatience = { silence: 300 };
const patience = { silence: 20_000 };
let folder: string;
let server: Server;
let silent: SocketServer;
const sockets: Socket[] = [];
let address: string;
let asked: IncomingMessage[] = [];
let answer: (request: IncomingMessage, response: ServerResponse) => void;

const listening = (one: Server | SocketServer) => new Promise<number>((resolve) => { one.listen(0, '127.0.0.1', () => resolve((one.address() as AddressInfo).port)); });
beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request);
    answer(request, response);
  });
  // Takes connections and says nothing.
  silent = createSocketServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
  });
  address = `http://127.0.0.1:${await listening(server)}`;
  await listening(silent);
});
afterAll(async () => {
  server.closeAllConnections();
  for (const socket of sockets) socket.destroy();
  await Promise.all([server, silent].map((one) => new Promise((resolve) => { one.close(resolve); })));
});
beforeEach(async () => {
  asked = [];
  folder = await mkdtemp(join(tmpdir(), 'download-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const into = () => join(folder, 'file');
const get = (waits = patience) => downloadFile(address, into(), { limit: 100_000, patience: waits });
const refused = async (work: Promise<unknown>, reason: RegExp, may: boolean) => {
  const error = await work.then(() => undefined, (thrown: unknown) => thrown);
  expect(error).toMatchObject({ message: expect.stringMatching(reason) });
  expect(mayPass(error)).toBe(may);
};

describe('a download', () => {
  it('goes to disk, and tells its size, its checksum and how far it has come', async () => {
    answer = (_, response) => { response.setHeader('content-length', content.length).end(content); };
    let seen = 0;
    const { bytes, sha256 } = await downloadFile(address, into(), { limit: content.length, patience, onPiece: (piece, announced) => {
      seen += piece.byteLength;
      expect(announced).toBe(content.length);
    } });
    expect({ bytes, seen, sha256 }).toEqual({ bytes: content.length, seen: content.length, sha256: createHash('sha256').update(content).digest('hex') });
    expect(await readFile(into())).toEqual(content);
    answer = (_, response) => { response.setHeader('content-encoding', 'gzip').end(gzipSync(content)); };
    expect(await downloadText(address, { limit: content.length, patience })).toMatchObject({ text: content.toString('utf8') });
  });

  it.each<[string, RegExp, boolean, (response: ServerResponse) => void]>([
    ['announces too much', /more than the 100000/, false, (response) => { response.setHeader('content-length', 200_000).end(Buffer.alloc(200_000)); }],
    ['sends without an end', /more came than the 100000/, false, (response) => {
      const more = setInterval(() => { response.write(Buffer.alloc(40_000)); }, 5);
      response.on('close', () => clearInterval(more));
    }],
    ['unfolds without an end', /more came than the 100000/, false, (response) => { response.setHeader('content-encoding', 'gzip').end(gzipSync(Buffer.alloc(3e7))); }],
    ['unfolds twice', /more came than the 100000/, false, (response) => { response.setHeader('content-encoding', 'gzip, gzip').end(gzipSync(gzipSync(Buffer.alloc(3e7)))); }],
    ['unfolds to nothing that was folded', /./, true, (response) => { response.setHeader('content-encoding', 'gzip').end('no gzip at all'); }],
    ['never answers', /nothing came for 0.3 s/, true, () => undefined],
    ['falls silent', /nothing came|only \d+ bytes/, true, (response) => { response.write('begin'); }],
    ['sends a byte now and then', /only \d+ bytes came in 0.3 s/, true, (response) => {
      const more = setInterval(() => { response.write('.'); }, 20);
      response.on('close', () => clearInterval(more));
    }],
    ['breaks off', /./, true, (response) => { response.writeHead(200, { 'content-length': 9000 }).write('half', () => response.socket!.destroy()); }],
    ['says no', /404/, false, (response) => { response.writeHead(404).end('x'); }],
    ['is in trouble', /503/, true, (response) => { response.writeHead(503).end(); }],
    ['is asked too often', /429/, true, (response) => { response.writeHead(429).end(); }],
    ['answers a part that nobody asked for', /206/, false, (response) => { response.writeHead(206).end('x'); }],
    ['sends on to another kind of address', /file: is neither/, false, (response) => { response.writeHead(302, { location: 'file:///etc/passwd' }).end(); }],
    ['sends on to data', /data: is neither/, false, (response) => { response.writeHead(302, { location: 'data:,x' }).end(); }],
    ['sends on to what is no address', /no address/, false, (response) => { response.writeHead(302, { location: 'http://[' }).end(); }],
    ['sends on to itself', /more than 5 times/, false, (response) => { response.writeHead(307, { location: '/again' }).end(); }],
  ])('from a server that %s ends with a reason', async (what, reason, may, act) => {
    answer = (_, response) => { act(response); };
    await refused(get(/silent|never|now and then/.test(what) ? impatience : patience), reason, may);
    expect(asked.length).toBeLessThan(8);
  });

  it('from one that takes connections and says nothing, or is not there, ends', async () => {
    const { port } = silent.address() as AddressInfo;
    await refused(downloadFile(`http://127.0.0.1:${port}/`, into(), { limit: 10, patience: impatience }), /nothing came/, true);
    await refused(downloadFile('http://127.0.0.1:9/', into(), { limit: 10, patience }), /fetch failed/, true);
    await refused(downloadFile('ftp://127.0.0.1/', into(), { limit: 10, patience }), /neither http: nor https:/, false);
  });

  it('is stopped by its signal, before and while it runs', async () => {
    answer = (_, response) => { response.write(content); };
    await expect(downloadFile(address, into(), { limit: 1e6, signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
    const controller = new AbortController();
    const running = downloadFile(address, join(folder, 'other'), { limit: 1e6, signal: controller.signal, onPiece: () => controller.abort() });
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('does not write over a file', async () => {
    answer = (_, response) => { response.end(content); };
    await get();
    await expect(get()).rejects.toMatchObject({ code: 'EEXIST' });
    expect(await readdir(folder)).toEqual(['file']);
  });

  it('takes name and password along, but not to another origin', async () => {
    const other = createServer((request, response) => {
      asked.push(request);
      response.end('there');
    });
    const port = await listening(other);
    answer = (request, response) => { response.writeHead(302, { location: request.url === '/a' ? '/b' : `http://127.0.0.1:${port}/c` }).end(); };
    await downloadFile(address.replace('//', '//me:secret@') + '/a', into(), { limit: 10, headers: { 'x-kind': 'y', cookie: 'z' }, patience });
    other.closeAllConnections();
    await new Promise((resolve) => { other.close(resolve); });
    expect(asked.map(({ url, headers }) => [url, headers.authorization, headers.cookie])).toEqual([
      ['/a', `Basic ${Buffer.from('me:secret').toString('base64')}`, 'z'], ['/b', `Basic ${Buffer.from('me:secret').toString('base64')}`, 'z'], ['/c', undefined, undefined],
    ]);
  });

  it('is tried again where that may help', async () => {
    let left = 2;
    answer = (_, response) => { left -= 1; response.writeHead(left >= 0 ? 500 : 200).end(); };
    await attempt(3, undefined, () => downloadText(address, { limit: 10, patience }));
    expect(asked).toHaveLength(3);
    answer = (_, response) => { response.writeHead(410).end(); };
    await refused(attempt(3, undefined, () => downloadText(address, { limit: 10, patience })), /410/, false);
    expect(asked).toHaveLength(4);
  });
});
