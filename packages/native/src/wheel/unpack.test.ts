import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fakeWheel, wheelName } from '../testing/fake-wheel.js';
import { unpackWheel } from './unpack.js';

const libraries = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];
let folder: string;
let wheel: string;
const unpack = (into: string) => unpackWheel(wheel, { folder: join(folder, into), libraries, headers: ['tensorflow/c/eager/c_api.h', 'node_api.h'] });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cultivar-unpack-'));
  wheel = join(folder, wheelName);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a wheel', () => {
  it('gives the libraries, the headers that are included, and nothing else', async () => {
    await writeFile(wheel, fakeWheel());
    await unpack('whole');
    const files = (await readdir(join(folder, 'whole'), { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).map(({ name }) => name).sort();
    expect(files).toEqual(['c_api.h', 'c_api.h', 'libtensorflow_cc.so.2', 'libtensorflow_framework.so.2', 'tsl_status.h']);
    expect((await readFile(join(folder, 'whole', 'lib', libraries[0]!), 'utf8')).length).toBe(70_000);
  });

  it.each(['tensorflow/libtensorflow_framework.so.2', 'tensorflow/include/tensorflow/c/c_api.h'])('whose %s is not what its list says is refused', async (name) => {
    await writeFile(wheel, fakeWheel(name));
    await expect(unpack('damaged')).rejects.toMatchObject({ code: 'NATIVE_WHEEL', message: expect.stringContaining(name) });
  });

  (existsSync('/dev/full') ? it : it.skip)(`does not fit on a full disk: the folder is named${existsSync('/dev/full') ? '' : ' (skipped: no /dev/full here)'}`, async () => {
    await writeFile(wheel, fakeWheel());
    await mkdir(join(folder, 'full', 'lib'), { recursive: true });
    await symlink('/dev/full', join(folder, 'full', 'lib', libraries[0]!));
    await expect(unpack('full')).rejects.toMatchObject({ code: 'NATIVE_WRITE', message: expect.stringMatching(/full cannot be written \(no space is left on the disk\)/) });
  });

  it('that is cut off, or has no libraries, is refused', async () => {
    await writeFile(wheel, fakeWheel().subarray(0, 50_000));
    await expect(unpack('short')).rejects.toMatchObject({ code: 'NATIVE_WHEEL' });
    await writeFile(wheel, fakeWheel());
    await expect(unpackWheel(wheel, { folder, libraries: ['libother.so'], headers: [] })).rejects.toMatchObject({ code: 'NATIVE_WHEEL', message: expect.stringContaining('libother.so') });
  });
});
