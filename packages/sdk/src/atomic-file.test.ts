import { afterAll, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { partOf, removeParts, writeAtomically } from './atomic-file.js';

const folder = mkdtempSync(join(tmpdir(), 'cultivar-atomic-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a file written atomically', () => {
  it('leaves everything as it was where it cannot be written, and the reason is said', async () => {
    const path = join(folder, 'blocked');
    mkdirSync(join(path, 'inside'), { recursive: true });
    await expect(writeAtomically(path, ['new'])).rejects.toMatchObject({ code: 'OUTPUT_WRITE', exit: 1, message: expect.stringContaining('a folder is in the way') });
    await expect(writeAtomically(join(folder, 'nowhere', 'file'), ['new'])).rejects.toMatchObject({ code: 'OUTPUT_WRITE', message: expect.stringContaining('it is not there') });
    await expect(writeAtomically(join(import.meta.filename ?? new URL(import.meta.url).pathname, 'file'), ['new'])).rejects.toMatchObject({ code: 'OUTPUT_WRITE', message: expect.stringContaining('a part of the path is a file') });
    expect(readdirSync(folder)).toEqual(['blocked']);
  });

  it('is whole whoever writes it at the same time, and nothing is left beside it', async () => {
    const path = join(folder, 'many');
    await Promise.all(Array.from({ length: 20 }, (_, index) => writeAtomically(path, [String(index).repeat(1000), 'end'])));
    expect(readFileSync(path, 'utf8')).toMatch(/^(\d+?)\1{999}end$/);
    expect(readdirSync(folder).filter((name) => name.startsWith('many'))).toEqual(['many']);
  });

  it('can leave the one before it under another name', async () => {
    const path = join(folder, 'kept');
    for (const text of ['one', 'two', 'three']) await writeAtomically(path, [text], `${path}.former`);
    expect([path, `${path}.former`].map((one) => readFileSync(one, 'utf8'))).toEqual(['three', 'two']);
  });

  it('of a writer that was killed is cleared away, and nothing else', async () => {
    const home = join(folder, 'home');
    mkdirSync(join(home, 'deep'), { recursive: true });
    for (const name of [partOf(join(home, 'a')), partOf(join(home, 'deep', 'b')), join(home, 'photo.part'), join(home, 'a')]) writeFileSync(name, '');
    await removeParts(home);
    expect(readdirSync(home, { recursive: true }).sort()).toEqual(['a', 'deep', 'photo.part']);
    await removeParts(join(folder, 'nowhere'));
  });
});
