import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freshFolder, intoFolder, nameOfData, studyFolder, unfinishedFolder } from './output-folder.js';

describe('default output folder', () => {
  let work: string;
  beforeEach(() => { work = mkdtempSync(join(tmpdir(), 'cultivar-out-')); });
  afterEach(() => rmSync(work, { recursive: true }));

  it.each([
    ['/a/photos/', 'photos'],
    ['/a/my photos (2)', 'my-photos-2'],
    ['/a/flowers/split.csv', 'flowers'],
    ['/a/flowers/roses.csv', 'roses'],
    ['/a/花', '花'],
    ['/', 'run'],
  ])('%s is called %s', (data, name) => {
    expect(nameOfData(data)).toBe(name);
  });

  it('is new each time', () => {
    expect(freshFolder('photos', work)).toBe(join(work, 'cultivar-out', 'photos'));
    expect(freshFolder('photos', work)).toBe(join(work, 'cultivar-out', 'photos-2'));
    mkdirSync(join(work, 'cultivar-out', 'photos-7'));
    mkdirSync(join(work, 'cultivar-out', 'photos-old'));
    expect(freshFolder('photos', work)).toBe(join(work, 'cultivar-out', 'photos-8'));
  });

  it('is given to one run alone, in whichever process', async () => {
    const built = new URL('../build/output-folder.js', import.meta.url).href;
    const body = `import { freshFolder } from ${JSON.stringify(built)}; for (let i = 0; i < 20; i += 1) console.log(freshFolder('photos', '.'));`;
    const told = await Promise.all([1, 2, 3].map(async () => (await promisify(execFile)(process.execPath, ['--input-type=module', '-e', body], { cwd: work })).stdout.trim().split('\n')));
    expect(new Set(told.flat()).size).toBe(60);
  });

  it('goes again where nothing came of it, and only then', async () => {
    const failing = (out: string) => intoFolder(out, undefined, () => Promise.reject(new Error('no')));
    await expect(failing(freshFolder('photos', work))).rejects.toThrow('no');
    expect(readdirSync(work)).toEqual([]);
    const kept = freshFolder('photos', work);
    writeFileSync(join(kept, 'something'), '');
    await expect(failing(kept)).rejects.toThrow('no');
    expect(readdirSync(kept)).toEqual(['something']);
  });

  it('that cannot be made is an error with a code', () => {
    writeFileSync(join(work, 'cultivar-out'), '');
    expect(() => freshFolder('photos', work)).toThrow(expect.objectContaining({ code: 'OUTPUT_WRITE' }));
    expect(() => freshFolder('photos', join(work, 'nowhere', 'at-all'))).not.toThrow();
  });

  it('of a study bears its name, and is the newest of it where the study goes on', () => {
    const before = process.cwd();
    process.chdir(work);
    try {
      const root = join(process.cwd(), 'cultivar-out');
      expect(() => studyFolder('tune', 'photos', { resume: true })).toThrow(expect.objectContaining({ code: 'RESUME_NOTHING' }));
      expect(studyFolder('tune', 'photos', {})).toBe(join(root, 'tune-photos'));
      expect(studyFolder('tune', 'photos', {})).toBe(join(root, 'tune-photos-2'));
      expect(studyFolder('cross-validate', 'photos', {})).toBe(join(root, 'cross-validate-photos'));
      expect(studyFolder('tune', 'photos', { resume: true })).toBe(join(root, 'tune-photos-2'));
      expect(studyFolder('tune', 'photos', { resume: true, out: 'there' })).toBe(join(process.cwd(), 'there'));
    } finally {
      process.chdir(before);
    }
  });

  it('of an unfinished run is found again', () => {
    expect(unfinishedFolder('photos', work)).toBeUndefined();
    mkdirSync(join(work, 'cultivar-out', 'photos'), { recursive: true });
    mkdirSync(join(work, 'cultivar-out', 'photos-2', '.run'), { recursive: true });
    expect(unfinishedFolder('photos', work)).toBe(join(work, 'cultivar-out', 'photos-2'));
  });
});
