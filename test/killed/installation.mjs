/** `cultivar native install` with a wheel that is none, and tools that do next to nothing: it ends at the proof, and what was installed before still is; or, with a TensorFlow that is pretended, in its place. */
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { transformFileSync } from '@swc/core';
import { namesIn } from './life.mjs';

/** What is made for tests alone is not built. */
async function fromSource(path) {
  const folder = mkdtempSync(join(tmpdir(), 'cultivar-source-'));
  const { code } = transformFileSync(path, { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' } });
  writeFileSync(join(folder, 'module.mjs'), code);
  try {
    return await import(pathToFileURL(join(folder, 'module.mjs')).href);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const { fakeWheel, wheelName } = await fromSource(fileURLToPath(new URL('../../packages/native/src/testing/fake-wheel.ts', import.meta.url)));
const pretended = fileURLToPath(new URL('pretended-tensorflow.cjs', import.meta.url));
const program = fileURLToPath(new URL('../../packages/native/src/testing/install-and-die.mjs', import.meta.url));

export const installation = {
  async prepare(folder) {
    const bytes = fakeWheel();
    const server = createServer(({ url, headers: { range } }, response) => {
      if (url.startsWith('/simple/')) {
        const sha256 = createHash('sha256').update(bytes).digest('hex');
        response.setHeader('content-type', 'application/vnd.pypi.simple.v1+json').end(JSON.stringify({ files: [{ filename: wheelName, url: '/wheel', hashes: { sha256 } }] }));
        return;
      }
      const from = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
      response.writeHead(from > 0 ? 206 : 200, { 'content-length': bytes.length - from });
      response.end(bytes.subarray(from));
    });
    await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    const tools = join(folder, '..', `${folder.split('/').at(-1)}-tools`);
    mkdirSync(tools, { recursive: true });
    for (const name of ['sh', 'mkdir', 'touch']) symlinkSync(`/bin/${name}`, join(tools, name));
    const tool = (name, text) => {
      writeFileSync(join(tools, name), `#!/bin/sh\n${text}\n`);
      chmodSync(join(tools, name), 0o755);
    };
    tool('npm', "mkdir -p node_modules/@tensorflow/tfjs-node-gpu/binding; echo '#include \"tensorflow/c/eager/c_api.h\"' > node_modules/@tensorflow/tfjs-node-gpu/binding/a.cc");
    tool('g++', 'for last; do :; done; [ "$last" = --version ] && echo g++ || touch "$last"');
    const former = join(folder, 'native', 'tensorflow-2.20.0-linux-x64-former');
    mkdirSync(former, { recursive: true });
    writeFileSync(join(folder, 'native', 'installed.json'), JSON.stringify({ format: 1, folder: 'former', tensorflow: '2.20.0', tfjs: '4.22.0', platform: 'linux-x64' }));
    return { environment: { PATH: tools, PIP_INDEX_URL: `http://127.0.0.1:${server.address().port}/simple`, CULTIVAR_TEST_CACHE: folder }, end: () => new Promise((resolve) => { server.closeAllConnections(); server.close(resolve); }) };
  },
  begin: ({ environment }) => ({ words: [program], environment }),
  goOn: ({ environment }) => ({ words: [program], environment }),
  isDone: ({ stdout }) => stdout.trim() === 'NATIVE_PROOF',
  essence: (folder) => ({ names: namesIn(folder), installed: JSON.parse(readFileSync(join(folder, 'native', 'installed.json'), 'utf8')) }),
};

/** Through to its end: what was installed before has gone, and of what was fetched and made for it nothing is left. */
export const replacement = {
  ...installation,
  async prepare(folder) {
    const { environment, ...rest } = await installation.prepare(folder);
    return { environment: { ...environment, NODE_OPTIONS: `--require ${pretended}` }, ...rest };
  },
  isDone: ({ code, stdout }) => code === 0 && stdout === '',
  essence(folder) {
    const record = JSON.parse(readFileSync(join(folder, 'native', 'installed.json'), 'utf8'));
    const place = record.folder;
    return { record: { ...record, folder: '', installed: '' }, names: namesIn(folder).map((name) => name.replace(basename(place), 'PLACE')) };
  },
};
