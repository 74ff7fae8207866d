import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { installedNativeTensorFlow } from '@cultivar/sdk';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPrebuilt, recordBinding } from './binding.js';
import { bind, findMaker } from './build.js';
import { compiledNames } from './compiler.js';
import { platformOf } from './platform.js';
import { prove } from './prove.js';
import { ownSources } from './sources.js';

const found = await installedNativeTensorFlow();
/** One that an older version of Cultivar has made is made again by the next `native install`. */
const installed = found?.sources === (await ownSources()) ? found : undefined;
const why = installed ? '' : ' (skipped: run `cultivar native install`)';
const fit = { platform: 'linux-x64', tensorflow: '2.21.0' };
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cultivar-binding-'));
  for (const name of compiledNames) await writeFile(join(folder, name), name);
  await recordBinding(folder, 'g++ 12', fit);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function change(what: object): Promise<void> {
  const path = join(folder, 'binding.json');
  await writeFile(path, JSON.stringify({ ...(JSON.parse(await readFile(path, 'utf8')) as object), ...what }));
}

describe('a prebuilt binding', () => {
  it('is taken where platform, TensorFlow and Node fit', async () => {
    expect(await findPrebuilt(folder, fit)).toMatchObject({ folder, compiler: 'g++ 12', tensorflow: '2.21' });
    expect(await findPrebuilt(folder, { ...fit, tensorflow: '2.21.3' })).toBeDefined();
  });

  it.each([
    ['another platform', { platform: 'linux-arm64' }, 'it is for platform linux-arm64, not linux-x64'],
    ['another TensorFlow', { tensorflow: '2.20' }, 'it is for tensorflow 2.20, not 2.21'],
    ['other operators', { sources: 'other' }, 'it is for sources other'],
    ['a Node to come', { nodeInterface: 999 }, 'it needs version 999'],
    ['another format', { format: 2 }, 'no binding.json'],
    ['other files', { files: {} }, 'the checksum of'],
  ])('for %s is refused', async (_, what, reason) => {
    await change(what);
    await expect(findPrebuilt(folder, fit)).rejects.toMatchObject({ code: 'NATIVE_BINDING', message: expect.stringContaining(reason) });
  });

  it('needs no compiler; without one, a compiler is looked for before anything is fetched', async () => {
    const settings = { platform: platformOf('linux-x64'), version: '2.21.0', environment: { PATH: '/nowhere' }, cacheFolder: folder, npm: 'npm' };
    expect(await findMaker({ ...settings, binding: folder })).toMatchObject({ prebuilt: { folder } });
    await expect(findMaker(settings)).rejects.toMatchObject({ code: 'NATIVE_TOOL' });
  });

  (installed ? it : it.skip)(`of another installation trains, without a compiler${why}`, async () => {
    const work = join(folder, 'work');
    await cp(installed!.folder, work, { recursive: true, filter: (path) => !path.endsWith('.node') && !/\/(lib|nvidia|include)$/.test(path.slice(installed!.folder.length)) });
    await symlink(join(installed!.folder, 'lib'), join(work, 'lib'));
    const settings = { platform: platformOf(), version: installed!.tensorflow, environment: { PATH: '/nowhere' }, cacheFolder: folder, npm: 'npm', binding: installed!.folder };
    const maker = await findMaker(settings);
    const sources = { binding: '/nowhere', nodeHeaders: '/nowhere', headers: [] };
    expect(await bind(work, sources, { ...settings, maker })).toBe(installed!.compiler);
    expect(await prove(work)).toMatchObject({ version: installed!.tensorflow });
  });
});
