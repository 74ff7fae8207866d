import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freshFolder, nameOfData, unfinishedFolder } from './output-folder.js';

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
    mkdirSync(join(work, 'cultivar-out', 'photos'), { recursive: true });
    expect(freshFolder('photos', work)).toBe(join(work, 'cultivar-out', 'photos-2'));
    mkdirSync(join(work, 'cultivar-out', 'photos-7'));
    mkdirSync(join(work, 'cultivar-out', 'photos-old'));
    expect(freshFolder('photos', work)).toBe(join(work, 'cultivar-out', 'photos-8'));
  });

  it('of an unfinished run is found again', () => {
    expect(unfinishedFolder('photos', work)).toBeUndefined();
    mkdirSync(join(work, 'cultivar-out', 'photos'), { recursive: true });
    mkdirSync(join(work, 'cultivar-out', 'photos-2', '.run'), { recursive: true });
    expect(unfinishedFolder('photos', work)).toBe(join(work, 'cultivar-out', 'photos-2'));
  });
});
