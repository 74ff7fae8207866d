/** strips.ts, lzw.ts, gif.ts, second-look.ts: damage in the middle of a file is found, or does no harm; oddities that do none are no damage. */
import { describe, expect, it } from '@jest/globals';
import sharp, { type Sharp } from 'sharp';
import { difference, drawn, plain } from '../test/drawn-images.js';
import { seededRandom } from '../test/seeded-random.js';
import { decodeImage } from './canvas.js';

const side = 64;
const preprocessing = { ...plain, size: side };
const image = () => drawn(side, side);
const encoders: Record<string, (drawing: Sharp) => Sharp> = {
  'png': (drawing) => drawing.png(),
  'png, interlaced': (drawing) => drawing.png({ progressive: true }),
  'gif': (drawing) => drawing.gif(),
  'tiff, deflate': (drawing) => drawing.tiff({ compression: 'deflate' }),
  'tiff, lzw': (drawing) => drawing.tiff({ compression: 'lzw', predictor: 'none' }),
  'tiff, packbits': (drawing) => drawing.tiff({ compression: 'packbits' }),
  'tiff, tiles of deflate': (drawing) => drawing.tiff({ compression: 'deflate', tile: true, tileWidth: 32, tileHeight: 32 }),
};

describe('damage in the middle of a file', () => {
  it.each(Object.keys(encoders))('of kind %s is found, or harms a few pixels only', async (kind) => {
    const whole = await encoders[kind]!(image()).toBuffer();
    const sound = await decodeImage(whole, preprocessing);
    const random = seededRandom(5);
    let found = 0;
    for (let attempt = 0; attempt < 40; attempt += 1) {
      const bytes = Buffer.from(whole);
      const at = 400 + random.integer(bytes.length - 900);
      if (attempt % 2 === 0) bytes[at]! ^= 1 << random.integer(8);
      else bytes.fill(random.integer(256), at, at + 1 + random.integer(40));
      const canvas = await decodeImage(bytes, preprocessing).catch((error: unknown) => {
        expect(error).toMatchObject({ code: 'IMAGE_UNREADABLE' });
        found += 1;
      });
      // In PackBits and LZW a byte may stand for a few others, all of them as many as before.
      if (canvas) expect(difference(canvas, sound)).toBeLessThan(/deflate|png/.test(kind) ? 1e-9 : 2);
    }
    // One byte in hundreds of PackBits is a count.
    if (kind !== 'tiff, packbits') expect(found).toBeGreaterThan(20);
  });

  it('of a single strip of many megabytes is found without unpacking it at once', async () => {
    const whole = await sharp({ create: { width: 4000, height: 3000, channels: 3, background: 'teal' } }).tiff({ compression: 'deflate', tile: true, tileWidth: 4096, tileHeight: 4096 }).toBuffer();
    expect(whole.length).toBeLessThan(400_000);
    const sound = await decodeImage(whole, preprocessing);
    expect([...sound.subarray(0, 3)]).toEqual([0, 128, 128]);
    const bytes = Buffer.from(whole);
    bytes[bytes.readUInt32LE(4) - 3]! ^= 1;
    await expect(decodeImage(bytes, preprocessing)).rejects.toThrow(/strip/);
  });

  it('of a JPEG is found where the decoder stumbles', async () => {
    for (const progressive of [false, true]) {
      const bytes = await image().jpeg({ progressive, quality: 90 }).toBuffer();
      const middle = bytes.length >> 1;
      await expect(decodeImage(bytes.fill(0xff, middle, middle + 40), preprocessing)).rejects.toMatchObject({ code: 'IMAGE_UNREADABLE' });
    }
  });
});

describe('what is odd and harms no pixel', () => {
  it('a JFIF version that nobody knows is no damage, however many images are decoded at once', async () => {
    const whole = await image().jpeg().toBuffer();
    const jfif = Buffer.from('ffe000104a46494600090000000100010000', 'hex');
    const odd = Buffer.concat([whole.subarray(0, 2), jfif, whole.subarray(2)]);
    await expect(sharp(odd, { failOn: 'warning' }).raw().toBuffer()).rejects.toThrow();
    const damaged = Buffer.from(whole).fill(0xff, whole.length >> 1, (whole.length >> 1) + 40);
    const sound = await decodeImage(whole, preprocessing);
    const all = await Promise.allSettled(Array.from({ length: 60 }, (_, index) => decodeImage([whole, odd, damaged][index % 3]!, preprocessing)));
    for (const [index, one] of all.entries()) {
      if (index % 3 === 2) expect(one.status).toBe('rejected');
      else expect(one).toEqual({ status: 'fulfilled', value: sound });
    }
  });

  it('bytes between the last block of a JPEG and its end are no damage', async () => {
    const whole = await image().jpeg().toBuffer();
    const longer = Buffer.concat([whole.subarray(0, -2), Buffer.alloc(200, 7), whole.subarray(-2)]);
    expect(await decodeImage(longer, preprocessing)).toEqual(await decodeImage(whole, preprocessing));
  });

  it('bytes behind the end of an image are no damage', async () => {
    for (const encode of [...Object.values(encoders), (drawing: Sharp) => drawing.jpeg(), (drawing: Sharp) => drawing.webp()]) {
      const whole = await encode(image()).toBuffer();
      expect(await decodeImage(Buffer.concat([whole, Buffer.alloc(50, 9)]), preprocessing)).toEqual(await decodeImage(whole, preprocessing));
    }
  });
});
