/** Damaged images of all formats. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeImage } from '@cultivar/data';
import { CultivarError, type Preprocessing } from '@cultivar/sdk';
import sharp, { type Sharp } from 'sharp';
import { randomFrom, type Random } from './random.js';
import type { FuzzTarget } from './target.js';

const preprocessing: Preprocessing = { size: 32, resize: 'stretch', mean: [0, 0, 0], std: [1, 1, 1], channels: 'rgb' };

const encoders: Record<string, (image: Sharp) => Sharp> = {
  jpeg: (image) => image.jpeg(),
  progressive: (image) => image.jpeg({ progressive: true }),
  png: (image) => image.png(),
  interlaced: (image) => image.png({ progressive: true }),
  webp: (image) => image.webp(),
  gif: (image) => image.gif(),
  avif: (image) => image.avif({ effort: 0 }),
  tiff: (image) => image.tiff({ compression: 'lzw' }),
};

function picture(random: Random): Sharp {
  const [width, height] = [20 + random.below(60), 20 + random.below(60)];
  return sharp(random.bytes(width * height * 3), { raw: { width, height, channels: 3 } });
}

function mutate(bytes: Buffer, random: Random): Buffer {
  const changed = Buffer.from(bytes);
  for (let left = 1 + random.below(4); left > 0; left -= 1) changed[random.below(changed.length)] = random.below(256);
  return random.chance(0.2) ? changed.subarray(0, random.below(changed.length)) : changed;
}

export const target: FuzzTarget = {
  name: 'images',
  async attempt(seed, folder) {
    const random = randomFrom(seed);
    const encode = encoders[random.pick(Object.keys(encoders))]!;
    const path = join(folder, 'image');
    await writeFile(path, mutate(await encode(picture(random)).toBuffer(), random));
    try {
      const canvas = await decodeImage(path, preprocessing);
      if (canvas.length !== 32 * 32 * 3) return `a canvas of ${canvas.length} bytes`;
    } catch (error) {
      if (!(error instanceof CultivarError) || error.code !== 'IMAGE_UNREADABLE') throw error;
    }
    return undefined;
  },
};
