/** Makes a folder in which most files are broken, each in a way that is known, and the same ones for the same seed. */
import { createWriteStream } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { crc32, createDeflate } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';

export type Breakage = 'truncated' | 'empty' | 'text' | 'noise' | 'huge';
export interface BrokenFile {
  /** From the folder, with forward slashes. */
  name: string;
  breakage: Breakage;
}
export interface BrokenFolder {
  broken: BrokenFile[];
  /** Names of the files that are whole. */
  good: string[];
}

const encoders: Record<string, (image: Sharp) => Sharp> = {
  jpg: (image) => image.jpeg(),
  'progressive.jpg': (image) => image.jpeg({ progressive: true }),
  png: (image) => image.png(),
  'interlaced.png': (image) => image.png({ progressive: true }),
  webp: (image) => image.webp(),
  gif: (image) => image.gif(),
  avif: (image) => image.avif({ effort: 0 }),
  tif: (image) => image.tiff({ compression: 'lzw' }),
};

/**
 * @param folder made if missing; class folders `ants`, `bees` and `wasps` are made in it
 * @param counts how many files are broken and how many are good, spread evenly over the classes
 */
export async function makeBrokenFolder(folder: string, counts: { broken: number; good: number; seed?: number }): Promise<BrokenFolder> {
  const draw = generator(counts.seed ?? 1);
  const classes = ['ants', 'bees', 'wasps'];
  for (const label of classes) await mkdir(join(folder, label), { recursive: true });
  const made: BrokenFolder = { broken: [], good: [] };
  const whole: [ending: string, bytes: Buffer][] = [];
  for (const [ending, encode] of Object.entries(encoders)) {
    for (let kind = 0; kind < 3; kind += 1) whole.push([ending, await encode(photo(draw, kind)).toBuffer()]);
  }
  for (let number = 0; number < counts.good; number += 1) {
    const name = `${classes[number % classes.length]}/good-${number}.jpg`;
    await writeFile(join(folder, name), await photo(draw, number % classes.length).jpeg().toBuffer());
    made.good.push(name);
  }
  for (let number = 0; number < counts.broken; number += 1) {
    const label = classes[number % classes.length]!;
    const breakage: Breakage = number === 0 ? 'huge' : number % 10 === 1 ? 'empty' : number % 10 === 4 ? 'text' : number % 10 === 7 ? 'noise' : 'truncated';
    const [ending, bytes] = whole[Math.floor(draw() * whole.length)]!;
    const name = `${label}/${breakage}-${number}.${breakage === 'truncated' ? ending : breakage === 'huge' ? 'png' : 'jpg'}`;
    const path = join(folder, name);
    if (breakage === 'huge') await writeHugePng(path, 30_000);
    if (breakage === 'empty') await writeFile(path, '');
    if (breakage === 'text') await writeFile(path, `This is letter ${number}, and no picture.\n`.repeat(1 + Math.floor(draw() * 50)));
    if (breakage === 'noise') await writeFile(path, Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), noise(draw, 2000)]));
    if (breakage === 'truncated') {
      // From one byte to all but the last few hundredths, where an image may still be whole.
      await writeFile(path, bytes.subarray(0, 1 + Math.floor(draw() * bytes.length * 0.97)));
    }
    made.broken.push({ name, breakage });
  }
  return made;
}

/** Something of its own, 60 to 160 px a side: a smooth ramp, a wave across, some noise. */
function photo(draw: () => number, kind: number): Sharp {
  const [width, height] = [60 + Math.floor(draw() * 100), 60 + Math.floor(draw() * 100)];
  const pixels = new Uint8Array(width * height * 3);
  const [across, shade] = [draw() * 9 + kind, draw() * 80];
  const wave = Array.from({ length: width * 3 }, (_, at) => 60 + shade + 50 * Math.sin((across * at) / (width * 3) + (at % 3) * kind));
  for (let y = 0, at = 0; y < height; y += 1) {
    for (let x = 0; x < width * 3; x += 1, at += 1) pixels[at] = wave[x]! + (60 * y) / height + draw() * 20;
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

function noise(draw: () => number, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => Math.floor(draw() * 256));
}

/** A whole and valid PNG of side x side pixels, a multiple of 500, one bit each, all black: some hundred kilobytes. */
export async function writeHugePng(path: string, side: number): Promise<void> {
  const rows = Buffer.alloc((1 + Math.ceil(side / 8)) * 500);
  const deflate = createDeflate();
  const parts: Buffer[] = [];
  deflate.on('data', (part: Buffer) => { parts.push(part); });
  await pipeline(Readable.from(Array.from({ length: side / 500 }, () => rows)), deflate);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header[8] = 1;
  const file = createWriteStream(`${path}.part`);
  await pipeline(Readable.from([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', header), chunk('IDAT', Buffer.concat(parts)), chunk('IEND', Buffer.alloc(0))]), file);
  await rename(`${path}.part`, path);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body) >>> 0, body.length + 4);
  return framed;
}

/** mulberry32: uniform in [0, 1). */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
