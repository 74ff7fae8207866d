import type * as fs from 'node:fs/promises';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { makeFolder, png, removeFolders } from '../test/drawn-images.js';

// Permissions do not hold back the superuser, whom tests may run as: the refusal is played.
const real = await import('node:fs/promises');
const refused = new Set<string>();
const refuse = (path: unknown) => {
  if (refused.has(String(path))) throw Object.assign(new Error(`EACCES: permission denied, '${String(path)}'`), { code: 'EACCES', syscall: 'open', errno: -13 });
};
jest.unstable_mockModule('node:fs/promises', () => ({
  ...real,
  default: real,
  readdir: (async (path: string, options: { withFileTypes: true }) => { refuse(path); return await real.readdir(path, options); }) as typeof fs.readdir,
  open: (async (path: string, flags: number) => { refuse(path); return await real.open(path, flags); }) as typeof fs.open,
  stat: (async (path: string) => { refuse(`${path}#stat`); return await real.stat(path); }) as typeof fs.stat,
}));
const { scanDataset } = await import('./scan.js');

afterAll(removeFolders);
const folder = async () => await makeFolder({ 'a/1.png': await png(1), 'b/2.png': await png(2), 'b/3.png': await png(3) });

describe('without permission', () => {
  it.each(['', '/b'])('names the folder that cannot be read: the root%s', async (below) => {
    const root = await folder();
    refused.add(root + below);
    await expect(scanDataset(root)).rejects.toMatchObject({ code: 'DATA_UNREADABLE', exit: 2, message: `${root}${below} cannot be read (permission denied).` });
  });

  it('says so where not even the folder above can be entered', async () => {
    const root = await folder();
    refused.add(`${root}#stat`);
    await expect(scanDataset(root)).rejects.toMatchObject({ code: 'DATA_UNREADABLE', exit: 2 });
  });

  it('sets a file aside', async () => {
    const root = await folder();
    refused.add(`${root}/b/3.png`);
    expect((await scanDataset(root)).setAside).toEqual([{ path: 'b/3.png', code: 'FILE_UNREADABLE', reason: 'permission denied' }]);
  });
});
