import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { fetchThroughProxy } from './fetch.js';

const listen = (server: Server) => new Promise<string>((resolve) => {
  server.listen(0, '127.0.0.1', () => resolve(`127.0.0.1:${(server.address() as AddressInfo).port}`));
});
const names = ['http_proxy', 'https_proxy', 'no_proxy', 'all_proxy'].flatMap((name) => [name, name.toUpperCase()]);
const before = Object.fromEntries(names.map((name) => [name, process.env[name]]));
const set = (values: Record<string, string>) => {
  for (const name of names) delete process.env[name];
  Object.assign(process.env, values);
};

/** Answers; and a proxy that opens tunnels, and notes to where. */
const server = createServer((request, response) => void response.end(`hello ${request.headers['x-name'] ?? ''}`));
const tunnels: string[] = [];
const proxy = createServer().on('connect', ({ url, headers }, client, head) => {
  tunnels.push(`${url} ${headers['proxy-authorization'] ?? ''}`.trim());
  const target = connect(Number(new URL(`http://${url}`).port), '127.0.0.1', () => {
    client.write('HTTP/1.1 200 Connection established\r\n\r\n');
    target.write(head);
    target.pipe(client).pipe(target);
  });
  target.on('error', () => client.destroy());
  client.on('error', () => target.destroy());
});
let at: string;
let through: string;

beforeAll(async () => {
  [at, through] = await Promise.all([listen(server), listen(proxy)]);
});
afterEach(() => {
  tunnels.length = 0;
  set({});
});
afterAll(async () => {
  for (const [name, value] of Object.entries(before)) if (value !== undefined) process.env[name] = value;
  for (const one of [server, proxy]) {
    one.closeAllConnections();
    await new Promise((resolve) => { one.close(resolve); });
  }
});

describe('fetch', () => {
  it('goes straight where no proxy is named', async () => {
    set({});
    const response = await fetchThroughProxy(`http://${at}/`, { headers: { 'x-name': 'you' } });
    expect([response.status, await response.text(), tunnels]).toEqual([200, 'hello you', []]);
  });

  it.each(['HTTP_PROXY', 'http_proxy', 'ALL_PROXY'])('goes through the proxy that %s names', async (name) => {
    // A user of its own: a tunnel that is open already is used again.
    set({ [name]: `http://${name}:secret@${through}` });
    const response = await fetchThroughProxy(`http://${at}/`);
    expect(await response.text()).toBe('hello ');
    expect(tunnels).toEqual([`${at} Basic ${Buffer.from(`${name}:secret`).toString('base64')}`]);
  });

  it('asks HTTPS_PROXY for a tunnel to an https address', async () => {
    set({ HTTPS_PROXY: `http://${through}`, HTTP_PROXY: 'http://127.0.0.1:1' });
    // The tunnel is opened; that no TLS is spoken behind it ends the attempt.
    await expect(fetchThroughProxy(`https://${at}/`)).rejects.toThrow('fetch failed');
    expect(tunnels).toEqual([at]);
  });

  it('goes straight to hosts in NO_PROXY; a proxy that does not answer is an error', async () => {
    set({ HTTP_PROXY: 'http://127.0.0.1:1', NO_PROXY: 'example.org, 127.0.0.1' });
    expect((await fetchThroughProxy(`http://${at}/`)).status).toBe(200);
    set({ HTTP_PROXY: 'http://127.0.0.1:1' });
    await expect(fetchThroughProxy(`http://${at}/`)).rejects.toThrow('fetch failed');
  });
});
