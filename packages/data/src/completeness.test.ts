import { describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { drawn, drawPixels, everyFormat } from '../test/drawn-images.js';
import { completeness } from './completeness.js';
import { fileProblem } from './image-problem.js';
import { inspectImage } from './inspect.js';
import { checkComplete } from './scan.js';
import { Slots } from './slots.js';
import { sniff } from './sniff.js';

const formats = await everyFormat(90, 70);
const frames = 4;
formats['gif, animated'] = await sharp(Buffer.concat(Array.from({ length: frames }, (_, frame) => drawPixels(40, 30, frame))),
  { raw: { width: 40, height: 30 * frames, channels: 3, pageHeight: 30 } }).gif().toBuffer();
formats['jpeg, with a thumbnail in its EXIF'] = await drawn(90, 70).withMetadata({ exif: { IFD0: { ImageDescription: 'ÿÙ'.repeat(40) } } }).jpeg().toBuffer();

const room = { bytes: new Slots(4), pixels: new Slots(4) };

/** What the scan does with one file. */
async function problemOf(bytes: Buffer): Promise<string | undefined> {
  try {
    await checkComplete(await inspectImage(bytes), bytes, { maximumPixels: 1e6, decode: false, room });
    return undefined;
  } catch (error) {
    return fileProblem(error).code;
  }
}

describe('completeness', () => {
  it.each(Object.entries(formats))('%s is whole', async (_, bytes) => {
    expect(await problemOf(bytes)).toBeUndefined();
    expect(await problemOf(Buffer.concat([bytes, Buffer.alloc(4)]))).toBeUndefined();
    if (sniff(bytes) !== 'tiff') expect(completeness(sniff(bytes), bytes)).toBe('whole');
  });

  it.each(Object.entries(formats))('%s is found out wherever it is cut', async (_, bytes) => {
    const missed: number[] = [];
    const step = Math.max(1, Math.floor(bytes.length / 97));
    for (let length = 0; length < bytes.length - 16; length += step) {
      if (await problemOf(bytes.subarray(0, length)) === undefined) missed.push(length);
    }
    expect(missed).toEqual([]);
  });

  it('asks the decoder where only the end marker is missing', async () => {
    const bytes = formats['jpeg']!;
    expect(completeness('jpeg', bytes.subarray(0, -2))).toBe('unsure');
    expect(['IMAGE_TRUNCATED', undefined]).toContain(await problemOf(bytes.subarray(0, -2)));
  });
});
