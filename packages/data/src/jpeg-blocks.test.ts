import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { drawn } from '../test/drawn-images.js';
import { seededRandom } from '../test/seeded-random.js';
import { checkBlocks, mostWalked } from './jpeg-blocks.js';

describe('the walk through the blocks of a JPEG', () => {
  it('finds nothing in whole ones, of any size, quality, sampling and content', async () => {
    const random = seededRandom(3);
    const contents: ((at: number) => number)[] = [() => random.integer(256), () => 255 * random.integer(2), (at) => 255 * (at % 2), () => 255, () => 0, (at) => (at * 7) % 256];
    for (let attempt = 0; attempt < 60; attempt += 1) {
      const [width, height, channels] = [1 + random.integer(70), 1 + random.integer(70), ([1, 3, 4] as const)[attempt % 3]!];
      const content = contents[random.integer(contents.length)]!;
      const image = sharp(Uint8Array.from({ length: width * height * channels }, (_, at) => content(at)), { raw: { width, height, channels } });
      const bytes = await (channels === 4 ? image.toColourspace('cmyk') : image)
        .jpeg({ quality: [1, 10, 50, 90, 100][random.integer(5)]!, chromaSubsampling: attempt % 2 === 0 ? '4:2:0' : '4:4:4', optimiseCoding: attempt % 4 < 2, progressive: attempt % 7 === 0 }).toBuffer();
      expect(() => checkBlocks(bytes)).not.toThrow();
    }
  });

  it('follows restarts, color kept as RGB, and grey', () => {
    const { files } = JSON.parse(readFileSync(new URL('../../../test/golden/images.json', import.meta.url), 'utf8')) as { files: Record<string, { file: string }> };
    const names = Object.keys(files).filter((name) => name.startsWith('jpeg'));
    expect(names.length).toBeGreaterThan(4);
    for (const name of names) expect(() => checkBlocks(Buffer.from(files[name]!.file, 'base64'))).not.toThrow();
  });

  it('finds damage that the decoder takes for picture', async () => {
    const whole = await drawn(200, 150, 4).jpeg({ quality: 90 }).toBuffer();
    const random = seededRandom(9);
    let [found, unnoticed] = [0, 0];
    for (let attempt = 0; attempt < 60; attempt += 1) {
      const bytes = Buffer.from(whole);
      const at = 700 + random.integer(whole.length - 900);
      for (let place = at; place < at + 40; place += 1) bytes[place] = random.integer(255);
      if (await sharp(bytes, { failOn: 'warning' }).raw().toBuffer().then(() => true, () => false)) unnoticed += 1;
      try {
        checkBlocks(bytes);
      } catch (error) {
        expect(error).toMatchObject({ code: 'IMAGE_CORRUPT' });
        found += 1;
      }
    }
    expect(unnoticed).toBeGreaterThan(20);
    expect(found).toBeGreaterThan(50);
  });

  it('finds blocks that are lighter or darker than eight bits can be', async () => {
    const whole = await drawn(200, 150, 4).jpeg({ quality: 90 }).toBuffer();
    const random = seededRandom(11);
    let found = 0;
    for (let attempt = 0; attempt < 100; attempt += 1) {
      const at = 700 + random.integer(whole.length - 900);
      try {
        checkBlocks(Buffer.concat([whole.subarray(0, at), whole.subarray(at + 1 + random.integer(40))]));
      } catch {
        found += 1;
      }
    }
    expect(found).toBeGreaterThan(44);
  });

  it('finds a scan that says other things of itself than one of one pass can, however large the file', async () => {
    const whole = await drawn(40, 30).jpeg({ quality: 95 }).toBuffer();
    const at = whole.indexOf(Buffer.from([0xff, 0xda])) + 5 + 2 * 3;
    expect([...whole.subarray(at, at + 3)]).toEqual([0, 63, 0]);
    const saying = (...three: number[]) => Buffer.concat([whole.subarray(0, at), Buffer.from(three), whole.subarray(at + 3)]);
    for (const three of [[0, 63, 0xce], [1, 63, 0], [0, 5, 0], [0, 63, 1]]) {
      expect(() => checkBlocks(saying(...three))).toThrow(expect.objectContaining({ code: 'IMAGE_CORRUPT' }));
      expect(() => checkBlocks(Buffer.concat([saying(...three), Buffer.alloc(mostWalked)]))).toThrow(expect.objectContaining({ code: 'IMAGE_CORRUPT' }));
    }
    expect(() => checkBlocks(saying(0, 0, 0))).not.toThrow();
  });

  it('takes filling behind the last block for none, and what is no picture for what it is not', async () => {
    const whole = await drawn(40, 30).jpeg().toBuffer();
    expect(() => checkBlocks(Buffer.concat([whole.subarray(0, -2), Buffer.alloc(300), whole.subarray(-2)]))).not.toThrow();
    for (let length = 0; length < whole.length; length += 7) expect(() => checkBlocks(whole.subarray(0, length))).not.toThrow();
  });
});
