import { execFileSync } from 'node:child_process';
import { mkdir, symlink } from 'node:fs/promises';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import type { Logger, Progress } from '@cultivar/sdk';
import { bitmap24, drawn, drawPixels, makeFolder, png, removeFolders } from '../test/drawn-images.js';
import { scanDataset } from './scan.js';

afterAll(removeFolders);
const rows = (dataset: Awaited<ReturnType<typeof scanDataset>>) => dataset.samples.map(({ name, label, split }) => [name, dataset.classes[label], ...(split ? [split] : [])]);

describe('scanDataset: layouts', () => {
  it('takes folders as classes, files at any depth, and passes over what is hidden or beside', async () => {
    const root = await makeFolder({
      'b/1.png': await png(1), 'b/deep/er/2.png': await png(2), 'a/3.png': await png(3), 'A/4.png': await png(4),
      'SOURCE.txt': 'words', '.DS_Store': '', '.hidden/5.png': await png(5), 'a/.6.png': await png(6), 'a/Thumbs.db': 'x', '__MACOSX/b/1.png': 'x',
    });
    const dataset = await scanDataset(root);
    expect(dataset).toMatchObject({ root, layout: 'class-folders', classes: ['A', 'a', 'b'], setAside: [], duplicates: [] });
    expect(rows(dataset)).toEqual([['A/4.png', 'A'], ['a/3.png', 'a'], ['b/1.png', 'b'], ['b/deep/er/2.png', 'b']]);
    expect(dataset.samples[0]).toMatchObject({ path: `${root}/A/4.png`, width: 12, height: 10, format: 'png', hash: expect.stringMatching(/^[0-9a-f]{64}$/) });
  });

  it.each(['val', 'valid', 'Validation'])('takes train, %s and test folders as the split', async (name) => {
    const root = await makeFolder({ 'train/a/1.png': await png(1), 'train/b/2.png': await png(2), [`${name}/a/3.png`]: await png(3), 'test/b/4.png': await png(4), 'notes/x.txt': '' });
    const dataset = await scanDataset(root);
    expect(dataset.layout).toBe('split-folders');
    expect(new Set(rows(dataset).map((row) => row.slice(1).join(' ')))).toEqual(new Set(['a train', 'b train', 'a val', 'b test']));
  });

  it('knows a train from a train folder', async () => {
    const vehicles = await scanDataset(await makeFolder({ 'train/1.png': await png(1), 'car/2.png': await png(2), 'plane/old/3.png': await png(3) }));
    expect(vehicles).toMatchObject({ layout: 'class-folders', classes: ['car', 'plane', 'train'] });
    const alone = await scanDataset(await makeFolder({ 'train/a/1.png': await png(1), 'train/b/2.png': await png(2) }));
    expect(alone).toMatchObject({ layout: 'split-folders', classes: ['a', 'b'] });
  });

  it('follows split.csv where there is one, and any CSV by its path', async () => {
    const root = await makeFolder({ 'a/1.png': await png(1), 'b/2.png': await png(2), 'b/3.png': await png(3), 'split.csv': 'path,label,split\na/1.png,x,train\nb/2.png,y,val\n', 'other.csv': 'b/3.png,z\na/1.png,x' });
    const dataset = await scanDataset(root);
    expect(dataset).toMatchObject({ root, layout: 'csv', classes: ['x', 'y'] });
    expect(rows(dataset)).toEqual([['a/1.png', 'x', 'train'], ['b/2.png', 'y', 'val']]);
    expect(rows(await scanDataset(`${root}/other.csv`))).toEqual([['a/1.png', 'x'], ['b/3.png', 'z']]);
  });

  it('keeps to the classes of a model', async () => {
    const root = await makeFolder({ 'b/1.png': await png(1) });
    const dataset = await scanDataset(root, { classes: ['c', 'b', 'a'] });
    expect(dataset.classes).toEqual(['c', 'b', 'a']);
    expect(dataset.samples[0]!.label).toBe(1);
    await expect(scanDataset(root, { classes: ['x', 'y'] })).rejects.toMatchObject({ code: 'DATA_CLASS_UNKNOWN', message: expect.stringContaining('class b') });
  });

  it('follows links, but not in circles', async () => {
    const root = await makeFolder({ 'a/1.png': await png(1), 'b/2.png': await png(2) });
    const away = await makeFolder({ '3.png': await png(3) });
    await symlink(away, `${root}/c`);
    await symlink(root, `${root}/b/loop`);
    await symlink(`${root}/nowhere`, `${root}/a/broken.png`);
    const dataset = await scanDataset(root);
    expect(dataset.classes).toEqual(['a', 'b', 'c']);
    expect(dataset.samples.map(({ name }) => name)).toEqual(expect.arrayContaining(['a/1.png', 'b/2.png', 'c/3.png']));
    expect(dataset.setAside).toContainEqual({ path: 'a/broken.png', code: 'FILE_UNREADABLE', reason: 'no such file' });
  });
});

describe('scanDataset: files', () => {
  it('goes by content, and lists what it cannot use with the reason', async () => {
    const jpeg = await drawn(50, 40).jpeg().toBuffer();
    const root = await makeFolder({
      'a/is-png.jpg': await png(1), 'a/is-bmp': bitmap24(drawPixels(9, 9), 9, 9), 'b/good.png': await png(2),
      'b/cut.jpg': jpeg.subarray(0, jpeg.length - 100), 'b/empty.jpg': '', 'b/text.jpg': 'hello', 'b/large.png': await png(3, 40, 40), 'b/drawing.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
      'b/list.csv': 'a,b', 'b/damaged.png': (await png(4, 30, 30)).fill(7, 300, 330),
    });
    const dataset = await scanDataset(root, { maximumPixels: 1000 });
    expect(dataset.samples.map(({ name, format }) => [name, format])).toEqual([['a/is-bmp', 'bmp'], ['a/is-png.jpg', 'png'], ['b/damaged.png', 'png'], ['b/good.png', 'png']]);
    expect(dataset.setAside.map(({ path, code }) => [path, code])).toEqual([
      ['b/cut.jpg', 'IMAGE_TOO_LARGE'], ['b/drawing.svg', 'FORMAT_UNSUPPORTED'], ['b/empty.jpg', 'FILE_EMPTY'], ['b/large.png', 'IMAGE_TOO_LARGE'],
      ['b/list.csv', 'FORMAT_UNKNOWN'], ['b/text.jpg', 'FORMAT_UNKNOWN']]);
    expect(dataset.setAside[3]!.reason).toContain('it has 40 x 40 pixels; at most 1000 are read');
    const thorough = await scanDataset(root, { decode: true });
    expect(thorough.setAside).toEqual(expect.arrayContaining([
      expect.objectContaining({ path: 'b/cut.jpg', code: 'IMAGE_TRUNCATED' }), expect.objectContaining({ path: 'b/damaged.png', code: 'IMAGE_CORRUPT' })]));
  });

  (process.platform === 'win32' ? it.skip : it)('does not wait for a pipe', async () => {
    const root = await makeFolder({ 'a/1.png': await png(1), 'b/2.png': await png(2) });
    execFileSync('mkfifo', [`${root}/b/pipe.png`]);
    expect((await scanDataset(root)).setAside).toEqual([{ path: 'b/pipe.png', code: 'FILE_UNREADABLE', reason: 'it is not a regular file' }]);
  });

  it('gives width and height as they are seen', async () => {
    const root = await makeFolder({ 'a/1.jpg': await drawn(60, 45).withMetadata({ orientation: 6 }).jpeg().toBuffer(), 'b/2.png': await png(2) });
    expect((await scanDataset(root)).samples[0]).toMatchObject({ width: 45, height: 60 });
  });

  it('finds duplicates across the split and conflicting labels', async () => {
    const twin = await png(9);
    const both = await png(8);
    const root = await makeFolder({
      'train/a/1.png': await png(1), 'train/a/twin.png': twin, 'train/b/2.png': await png(2), 'train/b/x.png': both,
      'val/a/same.png': twin, 'val/b/3.png': await png(3), 'train/a/y.png': both,
    });
    const dataset = await scanDataset(root);
    expect(dataset.samples.map(({ name }) => name)).toEqual(['train/a/1.png', 'train/b/2.png', 'val/a/same.png', 'val/b/3.png']);
    expect(dataset.duplicates).toContainEqual({ kept: 'val/a/same.png', dropped: 'train/a/twin.png', acrossSplit: true, conflicting: false });
    expect(dataset.setAside.map(({ path, code }) => [path, code])).toEqual([['train/a/y.png', 'LABEL_CONFLICT'], ['train/b/x.png', 'LABEL_CONFLICT']]);
  });

  it('has one hash for one content', async () => {
    const files = { 'a/1.png': await png(1), 'b/2.png': await png(2) };
    const one = await scanDataset(await makeFolder(files));
    const two = await scanDataset(await makeFolder(files));
    const three = await scanDataset(await makeFolder({ ...files, 'b/2.png': await png(3) }));
    expect(two.contentHash).toBe(one.contentHash);
    expect(three.contentHash).not.toBe(one.contentHash);
  });
});

describe('scanDataset: errors', () => {
  it('is clear about what is missing', async () => {
    const image = await png(1);
    await expect(scanDataset('/no/such/folder')).rejects.toMatchObject({ code: 'DATA_NOT_FOUND', exit: 2 });
    await expect(scanDataset(await makeFolder())).rejects.toMatchObject({ code: 'DATA_EMPTY', exit: 2 });
    await expect(scanDataset(await makeFolder({ '1.png': image }))).rejects.toMatchObject({ code: 'DATA_FLAT', exit: 2 });
    await expect(scanDataset(await makeFolder({ 'a/1.png': image }))).rejects.toMatchObject({ code: 'DATA_ONE_CLASS', exit: 2, message: expect.stringContaining('class, a') });
    await expect(scanDataset(await makeFolder({ 'a/1.png': 'x', 'b/2.png': 'y' }))).rejects.toMatchObject({ code: 'DATA_UNUSABLE', message: expect.stringContaining('a/1.png') });
    const hollow = await makeFolder({ 'a/1.png': image });
    await mkdir(`${hollow}/b`);
    await expect(scanDataset(hollow)).rejects.toMatchObject({ code: 'DATA_ONE_CLASS' });
    const file = await makeFolder({ 'photo.jpg': image });
    await expect(scanDataset(`${file}/photo.jpg`)).rejects.toMatchObject({ code: 'DATA_CSV' });
  });

  it('tells the user, and shows how far it is', async () => {
    const warn = jest.fn<Logger['warn']>();
    const advance = jest.fn();
    const finish = jest.fn();
    const progress: Progress = { start: (_, total) => { expect(total).toBe(4); return { advance, finish }; } };
    await scanDataset(await makeFolder({ 'a/1.png': await png(1), 'a/2.png': await png(1), 'b/3.png': await png(3), 'b/4.png': 'x' }), { logger: { debug() {}, info() {}, warn }, progress });
    expect(advance).toHaveBeenCalledTimes(4);
    expect(finish).toHaveBeenCalledTimes(1);
    expect(warn.mock.calls.join()).toMatch(/1 file\(s\) set aside[^]*b\/4\.png: it is not a JPEG[^]*1 image\(s\) are there twice/);
  });

  it('tells of files that are left out where it is asked to', async () => {
    const [logger, leftOutLogger] = [0, 1].map(() => ({ debug() {}, info() {}, warn: jest.fn<Logger['warn']>() }));
    await scanDataset(await makeFolder({ 'a/1.png': await png(1), 'a/2.png': await png(1), 'b/3.png': await png(3), 'b/4.png': 'x' }), { logger, leftOutLogger });
    expect(logger!.warn).not.toHaveBeenCalled();
    expect(leftOutLogger!.warn).toHaveBeenCalledTimes(3);
  });

  it('stops when it is aborted', async () => {
    const root = await makeFolder({ 'a/1.png': await png(1), 'b/2.png': await png(2) });
    await expect(scanDataset(root, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
    const later = new AbortController();
    const progress: Progress = { start: () => ({ advance: () => { later.abort(new Error('enough')); }, finish() {} }) };
    const many = await makeFolder(Object.fromEntries(await Promise.all(Array.from({ length: 60 }, async (_, index) => [`${index % 2}/${index}.png`, await png(index)] as const))));
    await expect(scanDataset(many, { signal: later.signal, progress })).rejects.toThrow('enough');
  });
});
