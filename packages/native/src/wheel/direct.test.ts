import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fakeWheel, wheelName } from '../testing/fake-wheel.js';
import { fetchDirectly } from './direct.js';
import { findWheel } from './find-wheel.js';

const bytes = fakeWheel();
let server: Server;
let folder: string;
let asked: string[];
let form: 'json' | 'html';
let sha256: string;
let failures: number;

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers.range ?? ''}${request.headers.authorization ?? ''}`.trim());
    if (failures-- > 0) return void response.writeHead(503).end();
    const url = `/files/${wheelName}`;
    if (request.url === '/simple/tensorflow-cpu/') {
      if (form === 'html') return void response.setHeader('content-type', 'text/html').end(`<!DOCTYPE html><a href="../..${url}#sha256=${sha256}">${wheelName}</a>`);
      return void response.setHeader('content-type', 'application/vnd.pypi.simple.v1+json').end(JSON.stringify({ files: [{ filename: wheelName, url, hashes: { sha256 } }] }));
    }
    if (request.url !== url) return void response.writeHead(404).end();
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    response.writeHead(from > 0 ? 206 : 200, { 'content-length': bytes.length - from }).end(bytes.subarray(from));
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
});
afterAll(() => new Promise((resolve) => { server.close(resolve); }));
beforeEach(async () => {
  [asked, form, failures] = [[], 'json', 0];
  sha256 = createHash('sha256').update(bytes).digest('hex');
  folder = await mkdtemp(join(tmpdir(), 'cultivar-direct-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const request = (version = '2.21.0', user = '') => ({
  name: 'tensorflow-cpu', versions: `==${version}`, tag: /manylinux[\w.]*_x86_64\.whl$/, folder,
  environment: { PATH: '', PIP_INDEX_URL: `http://${user}127.0.0.1:${(server.address() as AddressInfo).port}/simple/` },
});

describe('the index, asked directly', () => {
  it.each(['json', 'html'] as const)('tells the wheel in its %s form, and the wheel is fetched', async (which) => {
    form = which;
    const path = await findWheel(request());
    expect(path).toBe(join(folder, wheelName));
    expect((await readFile(path)).equals(bytes)).toBe(true);
    expect(await readdir(folder)).toEqual([wheelName]);
  });

  it('a download that broke off goes on where it stopped; one that is whole is not fetched again', async () => {
    await writeFile(join(folder, `${wheelName}.part`), bytes.subarray(0, 30_000));
    const path = await findWheel(request());
    expect((await readFile(path)).equals(bytes)).toBe(true);
    expect(asked[1]).toContain('bytes=30000-');
    asked = [];
    expect(await findWheel(request())).toBe(path);
    expect(asked).toEqual([]);
  });

  it('a wheel of another hash is refused and not kept', async () => {
    sha256 = '0'.repeat(64);
    await expect(fetchDirectly(request())).rejects.toMatchObject({ code: 'NATIVE_WHEEL' });
    expect(await readdir(folder)).toEqual([]);
  });

  it('a version that is not there: the known ones are named', async () => {
    await expect(fetchDirectly(request('9.9.9'))).rejects.toMatchObject({ code: 'NATIVE_VERSION', mend: expect.stringContaining('2.21.0') });
  });

  it('a server in trouble is asked again; name and password go into a header and into no message', async () => {
    failures = 2;
    await fetchDirectly(request('2.21.0', 'me:secret@'));
    expect(asked[0]).toContain(`Basic ${Buffer.from('me:secret').toString('base64')}`);
    await expect(fetchDirectly({ ...request('2.21.0', 'me:secret@'), name: 'other' })).rejects.toMatchObject({ code: 'NATIVE_DOWNLOAD', message: expect.not.stringContaining('secret') });
  });
});
