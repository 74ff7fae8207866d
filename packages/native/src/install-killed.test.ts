/** SIGKILL at every stage of an installation: what was installed before still is, and the next attempt clears up. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { installedNativeTensorFlow, nativeFolder, nativeRecord } from '@cultivar/sdk';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fakeWheel, wheelName } from './testing/fake-wheel.js';

const supported = process.platform === 'linux' && process.arch === 'x64';
const program = fileURLToPath(new URL('./testing/install-and-die.mjs', import.meta.url));
const bytes = fakeWheel();
const half = Math.floor(bytes.length / 2);
let server: Server;
let ranges: (string | undefined)[];
/** Whether the index stops in the middle of the wheel and keeps silent. */
let stalls: boolean;
let folder: string;
let cacheFolder: string;

beforeAll(async () => {
  server = createServer(({ url, headers: { range } }, response) => {
    if (url!.startsWith('/simple/')) {
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      return void response.setHeader('content-type', 'application/vnd.pypi.simple.v1+json').end(JSON.stringify({ files: [{ filename: wheelName, url: '/wheel', hashes: { sha256 } }] }));
    }
    ranges.push(range);
    const from = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
    response.writeHead(from > 0 ? 206 : 200, { 'content-length': bytes.length - from });
    if (stalls) response.write(bytes.subarray(from, half));
    else response.end(bytes.subarray(from));
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
});
afterAll(() => new Promise((resolve) => {
  server.closeAllConnections();
  server.close(resolve);
}));

async function tool(name: string, text: string): Promise<void> {
  await writeFile(join(folder, 'tools', name), `#!/bin/sh\n${text}\n`);
  await chmod(join(folder, 'tools', name), 0o755);
}

/** An npm and a compiler that do next to nothing, no Python; and something that was installed before. */
beforeEach(async () => {
  [ranges, stalls] = [[], false];
  folder = await mkdtemp(join(tmpdir(), 'cultivar-install-killed-'));
  cacheFolder = join(folder, 'cache');
  await mkdir(join(folder, 'tools'), { recursive: true });
  for (const name of ['sh', 'mkdir', 'touch']) await symlink(`/bin/${name}`, join(folder, 'tools', name));
  await tool('npm', "mkdir -p node_modules/@tensorflow/tfjs-node-gpu/binding; echo '#include \"tensorflow/c/eager/c_api.h\"' > node_modules/@tensorflow/tfjs-node-gpu/binding/a.cc");
  await tool('g++', 'for last; do :; done; [ "$last" = --version ] && echo g++ || touch "$last"');
  const former = join(nativeFolder(cacheFolder), 'tensorflow-2.20.0-linux-x64-former');
  await mkdir(former, { recursive: true });
  await writeFile(nativeRecord(cacheFolder), JSON.stringify({ format: 1, folder: former, tensorflow: '2.20.0', tfjs: '4.22.0', platform: 'linux-x64' }));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function start(moment: string, words: string[] = [], environment: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, [...words, program], {
    env: { PATH: join(folder, 'tools'), PIP_INDEX_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/simple`, CULTIVAR_TEST_KILL: moment, CULTIVAR_TEST_CACHE: cacheFolder, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (text: Buffer) => { said += text.toString(); });
  const ended = new Promise<{ signal: NodeJS.Signals | null; said: string }>((resolve) => { child.on('close', (_, signal) => resolve({ signal, said: said.trim() })); });
  return { child, ended };
}

/** The former one is still there; the next attempt, which ends at the proof of what is no TensorFlow, leaves nothing of the killed one. */
async function clearsUp(): Promise<void> {
  const home = nativeFolder(cacheFolder);
  expect((await readdir(home)).filter((name) => name.startsWith('.work-'))).toHaveLength(1);
  expect((await installedNativeTensorFlow(cacheFolder))?.tensorflow).toBe('2.20.0');
  expect((await start('').ended).said).toBe('NATIVE_PROOF');
  expect((await readdir(home)).sort()).toEqual(['downloads', 'installed.json', 'tensorflow-2.20.0-linux-x64-former']);
  expect(await readdir(join(home, 'downloads'))).toEqual([wheelName]);
  expect((await installedNativeTensorFlow(cacheFolder))?.tensorflow).toBe('2.20.0');
}

(supported ? describe : describe.skip)(`an installation that is killed${supported ? '' : ' (skipped: written for Linux x64)'}`, () => {
  it.each(['Fetching the binding', 'Fetching tensorflow-cpu', 'Unpacking TensorFlow', 'Compiling the binding', 'A training step'])('at "%s" breaks nothing', async (moment) => {
    expect((await start(moment).ended).signal).toBe('SIGKILL');
    await clearsUp();
  });

  it('in the middle of the download goes on where it stopped', async () => {
    stalls = true;
    const { child, ended } = start('');
    const part = join(nativeFolder(cacheFolder), 'downloads', `${wheelName}.part`);
    while (((await stat(part).catch(() => undefined))?.size ?? 0) < half) await new Promise((resolve) => { setTimeout(resolve, 10); });
    child.kill('SIGKILL');
    await ended;
    stalls = false;
    await clearsUp();
    expect(ranges).toEqual([undefined, `bytes=${half}-`]);
  });

  it('while it takes the place of the former one leaves a whole one, of one kind or the other, and the next attempt nothing besides', async () => {
    const killer = fileURLToPath(new URL('../../../test/killed/killed-at-event.cjs', import.meta.url));
    const pretended = { NODE_OPTIONS: `--require ${fileURLToPath(new URL('../../../test/killed/pretended-tensorflow.cjs', import.meta.url))}` };
    const home = nativeFolder(cacheFolder);
    const former = await readFile(nativeRecord(cacheFolder), 'utf8');
    const counted = join(folder, 'count');
    const attempt = (environment: NodeJS.ProcessEnv = {}) => start('', ['--require', killer], { ...pretended, KILLED_IN: home, ...environment }).ended;
    expect(await attempt({ KILLED_COUNT: counted })).toEqual({ signal: null, said: '' });
    const deeds = Number(await readFile(counted, 'utf8'));
    const seen = new Set<string>();
    // Before the move into its place, before the record of it, and while what was there before is cleared away.
    for (const last of [6, 4, 3, 2]) {
      await rm(home, { recursive: true });
      await mkdir(join(home, 'tensorflow-2.20.0-linux-x64-former'), { recursive: true });
      await writeFile(nativeRecord(cacheFolder), former);
      expect((await attempt({ KILLED_AT: String(deeds - last), KILLED_HOW: 'before' })).signal).toBe('SIGKILL');
      const there = await installedNativeTensorFlow(cacheFolder);
      seen.add(there!.tensorflow);
      expect(await readdir(home)).toContain(basename(there!.folder));
      expect(await attempt()).toEqual({ signal: null, said: '' });
      expect((await readdir(home)).sort()).toEqual(['installed.json', expect.stringMatching(/^tensorflow-2\.21\.0-linux-x64-/)]);
    }
    expect([...seen].sort()).toEqual(['2.20.0', '2.21.0']);
  }, 300_000);
});
