/** Data, disks and permissions as they should not be: one clear error each, or a run that finishes all the same. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { bin, cultivar, json, nanoIsBuilt } from './support/command.js';
import { drawDataset, drawnImage } from './support/drawn-images.js';

let work: string;
beforeAll(() => { work = mkdtempSync(join(tmpdir(), 'cultivar-adversity-')); });
afterAll(() => rmSync(work, { recursive: true, force: true }));

const superuser = process.getuid?.() === 0;
const mountable = mayMount();

/** Whether this process may mount a file system of a size of its own. */
function mayMount(): boolean {
  if (process.platform !== 'linux' || !superuser) return false;
  const folder = mkdtempSync(join(tmpdir(), 'cultivar-mount-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', folder]).status === 0;
  if (mounted) spawnSync('umount', [folder]);
  rmSync(folder, { recursive: true, force: true });
  return mounted;
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc(body));
  return Buffer.concat([length, body, check]);
}

/** A PNG header and data of a black image of one bit a pixel: small in bytes, huge when decoded. */
function hugePng(side: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.writeUInt8(1, 8);
  const rows = deflateSync(Buffer.alloc(side * (1 + Math.ceil(side / 8))), { level: 1 });
  return Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), chunk('IHDR', header), chunk('IDAT', rows), chunk('IEND', Buffer.alloc(0))]);
}

function crc(bytes: Buffer): number {
  let value = 0xffff_ffff;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb8_8320 : value >>> 1;
  }
  return (value ^ 0xffff_ffff) >>> 0;
}

/** Runs `train DATA` and expects it to fail. @returns exit code and error code */
async function failed(data: string, ...words: string[]): Promise<{ exit: number | null; code: string; message: string }> {
  const { code: exit, stdout, stderr } = await cultivar(['train', data, '--json', '--strategy', 'linear-probe', ...words], work);
  expect(stderr).not.toMatch(/\n\s+at /);
  const { error } = JSON.parse(stdout) as { error: { code: string; message: string; mend: string } };
  expect(error.mend).toMatch(/\.$/);
  return { exit, code: error.code, message: error.message };
}

(nanoIsBuilt ? describe : describe.skip)(`adversity${nanoIsBuilt ? '' : ' (skipped: nano is not in the build)'}`, () => {
  it('an empty folder', async () => {
    mkdirSync(join(work, 'empty'));
    expect(await failed('empty')).toMatchObject({ exit: 2, code: 'DATA_EMPTY' });
  });

  it('empty class folders', async () => {
    mkdirSync(join(work, 'hollow', 'cats'), { recursive: true });
    mkdirSync(join(work, 'hollow', 'dogs'));
    expect(await failed('hollow')).toMatchObject({ exit: 2, code: 'DATA_EMPTY' });
  });

  it('one class', async () => {
    await drawDataset(join(work, 'single'), { perClass: 3, classes: ['discs'] });
    expect(await failed('single')).toMatchObject({ exit: 2, code: 'DATA_ONE_CLASS' });
  });

  it('one image per class', async () => {
    await drawDataset(join(work, 'lonely'), { perClass: 1 });
    expect(await failed('lonely')).toMatchObject({ exit: 2, code: 'DATA_TOO_FEW' });
  });

  it('a class of nothing but broken files', async () => {
    await drawDataset(join(work, 'half'), { perClass: 3, classes: ['discs', 'checks'] });
    for (const name of readdirSync(join(work, 'half', 'discs'))) writeFileSync(join(work, 'half', 'discs', name), '');
    expect(await failed('half')).toMatchObject({ exit: 2, code: 'DATA_TOO_FEW' });
  });

  (superuser ? it : it.skip)(`a folder without permission${superuser ? '' : ' (skipped: needs the superuser, to become somebody else)'}`, () => {
    const folder = join(work, 'locked');
    mkdirSync(folder);
    chmodSync(folder, 0o700);
    chmodSync(work, 0o755);
    const { status, stdout } = spawnSync(process.execPath, [bin, 'train', folder, '--json', '--out', '/tmp/nowhere'], { uid: 65534, gid: 65534, encoding: 'utf8', cwd: '/' });
    expect({ status, code: (JSON.parse(stdout) as { error: { code: string } }).error.code }).toEqual({ status: 2, code: 'DATA_UNREADABLE' });
  });

  (superuser ? it : it.skip)(`an output folder without permission${superuser ? '' : ' (skipped: needs the superuser, to become somebody else)'}`, async () => {
    const data = await drawDataset(join(work, 'open'), { perClass: 4 });
    chmodSync(work, 0o755);
    const { status, stdout } = spawnSync(process.execPath, [bin, 'train', data, '--json', '--out', join(work, 'not-mine')], { uid: 65534, gid: 65534, encoding: 'utf8', cwd: '/' });
    expect({ status, code: (JSON.parse(stdout) as { error: { code: string } }).error.code }).toEqual({ status: 1, code: 'OUTPUT_WRITE' });
  });

  (mountable ? it : it.skip)(`a full disk${mountable ? '' : ' (skipped: no file system can be mounted here)'}`, async () => {
    await drawDataset(join(work, 'enough'), { perClass: 6 });
    const disk = join(work, 'disk');
    mkdirSync(disk);
    expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', disk]).status).toBe(0);
    try {
      const outcome = await failed('enough', '--out', join(disk, 'bundle'));
      expect(outcome).toMatchObject({ exit: 1, code: 'OUTPUT_WRITE' });
      expect(outcome.message).toMatch(/space/);
    } finally {
      spawnSync('umount', [disk]);
    }
  });

  it('three hundred broken files among good ones', async () => {
    const data = await drawDataset(join(work, 'broken'), { perClass: 12 });
    const whole = await drawnImage('discs', 400);
    const expected: string[] = [];
    for (let index = 0; index < 300; index += 1) {
      const name = `discs/broken-${String(index).padStart(3, '0')}.${index % 2 === 0 ? 'jpg' : 'png'}`;
      const kind = index % 3;
      writeFileSync(join(data, name), kind === 0 ? whole.subarray(0, 1 + Math.floor((whole.length - 13) * ((index * 37) % 300) / 300)) : kind === 1 ? '' : `not an image, number ${index}`);
      expected.push(name);
    }
    writeFileSync(join(data, 'checks', 'huge.png'), hugePng(30_000));
    expected.push('checks/huge.png');
    const outcome = await cultivar(['train', 'broken', '--json', '--strategy', 'linear-probe', '--out', 'despite'], work);
    expect(outcome.code).toBe(0);
    const { setAside, bundle } = json<{ setAside: { path: string; reason: string }[]; bundle: string }>(outcome);
    expect(setAside.map(({ path }) => path).sort()).toEqual(expected.sort());
    for (const { reason } of setAside) expect(reason).toMatch(/\w+ \w+/);
    const manifest = JSON.parse(readFileSync(join(bundle, 'cultivar.json'), 'utf8')) as { setAside: unknown[] };
    expect(manifest.setAside).toHaveLength(301);
  }, 120_000);
});
