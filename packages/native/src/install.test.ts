import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
// As built: an installation copies files and starts programs of the package.
import { install, prove, remove, status } from '@cultivar/native';
import { installedNativeTensorFlow, nativeFolder } from '@cultivar/sdk';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compile, findCompiler } from './compiler.js';
import { platformOf } from './platform.js';
import { findNpm, ownSources } from './sources.js';
import { fakeWheel, wheelName } from './testing/fake-wheel.js';

const found = await installedNativeTensorFlow();
/** One that an older version of Cultivar has made is made again by the next `native install`. */
const installed = found?.sources === (await ownSources()) ? found : undefined;
const why = installed ? '' : ' (skipped: run `cultivar native install`)';
const supported = ['linux-x64', 'linux-arm64', 'darwin-arm64'].includes(`${process.platform}-${process.arch}`);
let cacheFolder: string;

beforeEach(async () => {
  cacheFolder = await mkdtemp(join(tmpdir(), 'cultivar-native-'));
});
afterEach(() => rm(cacheFolder, { recursive: true, force: true }));

async function program(name: string, text: string): Promise<string> {
  const path = join(cacheFolder, name);
  await writeFile(path, `#!/bin/sh\n${text}\n`);
  await chmod(path, 0o755);
  return path;
}

describe('what is missing is said, with the mend', () => {
  it('a compiler, npm', async () => {
    await expect(findCompiler({ PATH: '/nowhere' }, platformOf('linux-x64'))).rejects.toMatchObject({ code: 'NATIVE_TOOL', message: expect.stringContaining('g++'), mend: expect.stringContaining('apt install g++') });
    await expect(findCompiler({ PATH: '/nowhere' }, platformOf('darwin-arm64'))).rejects.toMatchObject({ code: 'NATIVE_TOOL', message: expect.stringContaining('clang++'), mend: expect.stringContaining('xcode-select') });
    await expect(findCompiler({ CXX: '/nowhere/c++' }, platformOf('linux-x64'))).rejects.toMatchObject({ code: 'NATIVE_TOOL', message: expect.stringContaining('/nowhere/c++') });
    await expect(findNpm({ PATH: '/nowhere' })).rejects.toMatchObject({ code: 'NATIVE_TOOL', message: expect.stringContaining('npm') });
  });


  it('what the compiler does not like', async () => {
    const compiler = await program('g++', 'echo "tfjs_backend.cc:1: error: no such thing" >&2; exit 1');
    const sources = { binding: cacheFolder, nodeHeaders: cacheFolder, headers: [] };
    await expect(compile(compiler, cacheFolder, sources, { platform: platformOf('linux-x64'), environment: process.env })).rejects.toMatchObject({ code: 'NATIVE_COMPILE', message: expect.stringContaining('no such thing') });
  });
});

(supported ? describe : describe.skip)(`an installation${supported ? '' : ' (skipped: not for this platform)'}`, () => {
  it('that fails leaves nothing that counts as installed; one that was killed is swept away', async () => {
    const home = nativeFolder(cacheFolder);
    await mkdir(join(home, '.work-999999999-abc'), { recursive: true });
    const wheel = join(cacheFolder, wheelName);
    await writeFile(wheel, fakeWheel('tensorflow/libtensorflow_cc.so.2').subarray(0, 9000));
    await program('npm', 'mkdir -p node_modules/@tensorflow/tfjs-node-gpu/binding');
    await program('g++', 'exit 1');
    const environment = { PATH: `${cacheFolder}:/bin:/usr/bin` };
    await expect(install({ cacheFolder, wheel, environment })).rejects.toMatchObject({ code: 'NATIVE_WHEEL' });
    expect(await readdir(home)).toEqual([]);
    expect((await status(cacheFolder)).installed).toBeUndefined();
  });

  it('that npm cannot serve says what npm said; one that is stopped says so', async () => {
    await program('npm', 'echo "npm error code ENOTFOUND" >&2; exit 1');
    await program('g++', 'exit 0');
    const environment = { PATH: `${cacheFolder}:/bin:/usr/bin` };
    await expect(install({ cacheFolder, environment })).rejects.toMatchObject({ code: 'NATIVE_DOWNLOAD', message: expect.stringContaining('ENOTFOUND') });
    await expect(install({ cacheFolder, environment, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'NATIVE_ABORTED' });
  });

  it('is removed with all that belongs to it', async () => {
    await mkdir(join(nativeFolder(cacheFolder), 'downloads'), { recursive: true });
    await writeFile(join(nativeFolder(cacheFolder), 'downloads', 'a.whl.part'), 'abc');
    await writeFile(join(cacheFolder, 'other'), '');
    expect(await remove(cacheFolder)).toBe(3);
    expect(await readdir(nativeFolder(cacheFolder))).toEqual([]);
    expect(await readdir(cacheFolder)).toContain('other');
    expect(await remove(cacheFolder)).toBe(0);
  });

  (installed ? it : it.skip)(`is whole, trains, and is not made twice${why}`, async () => {
    expect((await status()).broken).toBe(false);
    expect(await prove(installed!.folder)).toMatchObject({ version: installed!.tensorflow });
    if (installed!.tensorflow === '2.21.0') expect(await install({ environment: { PATH: '/nowhere' } })).toMatchObject({ fresh: false, folder: installed!.folder });
  });
});
