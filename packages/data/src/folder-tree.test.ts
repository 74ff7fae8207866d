import { afterAll, describe, expect, it } from '@jest/globals';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { makeFolder, png, removeFolders } from '../test/drawn-images.js';
import { readFolderTree } from './folder-tree.js';
import { scanDataset } from './scan.js';

afterAll(removeFolders);

/** File systems of macOS and Windows take no such names. */
const anyName = process.platform === 'linux' ? it : it.skip;
const bytes = (root: string, latin: string) => Buffer.concat([Buffer.from(`${root}/`), Buffer.from(latin, 'latin1')]);

describe('names that are not UTF-8', () => {
  anyName('are set aside, shown with their bytes, and stop nothing', async () => {
    const root = await makeFolder({ 'a/1.png': await png(1), 'b/2.png': await png(2), 'b/\ufffd.png': await png(5) });
    await mkdir(bytes(root, 'M\xe4rz'));
    await writeFile(bytes(root, 'M\xe4rz/3.png'), await png(3));
    await writeFile(bytes(root, 'b/caf\xe9.png'), await png(4));
    await writeFile(bytes(root, 'b/caf\xe8.png'), await png(6));
    await writeFile(bytes(root, 'b/\x1b[31m\xff.png'), await png(7));
    const { samples, setAside, classes } = await scanDataset(root);
    expect(classes).toEqual(['a', 'b']);
    expect(samples.map(({ name }) => name)).toEqual(['a/1.png', 'b/2.png', 'b/\ufffd.png']);
    expect(setAside.map(({ path, reason }) => `${path}: ${reason}`)).toEqual([
      'M\\xe4rz: the name of this folder is not UTF-8, and nothing in it is read; rename it', 'b/\\x1b[31m\\xff.png: its name is not UTF-8; rename it',
      'b/caf\\xe8.png: its name is not UTF-8; rename it', 'b/caf\\xe9.png: its name is not UTF-8; rename it',
    ]);
  });
});

describe('links', () => {
  it('among folders that all link to each other come to an end', async () => {
    const names = Array.from({ length: 6 }, (_, index) => `f${index}`);
    const root = await makeFolder(Object.fromEntries(names.map((name) => [`${name}/${name}.png`, 'x'])));
    for (const one of names) for (const other of names) if (one !== other) await symlink(`${root}/${other}`, `${root}/${one}/${other}`);
    const { tree, setAside } = await readFolderTree(root);
    expect(tree.folders.map(({ name }) => name)).toEqual(names);
    expect(setAside.length).toBeGreaterThan(0);
    expect(setAside[0]).toMatchObject({ code: 'FILE_UNREADABLE', reason: expect.stringContaining('link') });
  });
});

(process.platform === 'win32' ? it.skip : it)('a socket is set aside', async () => {
  const root = await makeFolder({ 'a/1.png': await png(1), 'b/2.png': await png(2) });
  const server = createServer();
  await new Promise<void>((resolve) => { server.listen(`${root}/b/s.png`, resolve); });
  try {
    expect((await scanDataset(root)).setAside).toEqual([{ path: 'b/s.png', code: 'FILE_UNREADABLE', reason: 'it is not a regular file' }]);
  } finally {
    server.close();
  }
});

it('files that vanish while the dataset is read are set aside', async () => {
  const files = Object.fromEntries(await Promise.all(Array.from({ length: 40 }, async (_, index) => [`${index % 2}/${index}.png`, await png(index)] as const)));
  const root = await makeFolder(files);
  let first = true;
  const progress = { start: () => ({ advance: () => {
    if (first) void rm(`${root}/1`, { recursive: true });
    first = false;
  }, finish() {} }) };
  const { samples, setAside } = await scanDataset(root, { progress });
  expect(samples.length + setAside.length).toBe(40);
  expect(new Set(setAside.map(({ reason }) => reason)).size).toBeLessThanOrEqual(1);
});
