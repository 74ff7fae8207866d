/** Whole images of all formats, each with what it must look like. */
import sharp, { type Sharp } from 'sharp';
import type { Random } from './random.js';

export const side = 40;

/** How what is decoded of a damaged file is judged. */
export type Check =
  /** Whatever is decoded is the whole picture: every byte is covered by a checksum. */
  | 'checksum'
  /** The number of pixels is known: a changed byte that leaves it may change what later codes stand for, too. */
  | 'counted'
  /** A changed byte changes one number. */
  | 'plain'
  /** Nothing tells damage from picture but the codes themselves. */
  | 'none';

export interface Picture {
  kind: string;
  bytes: Buffer;
  /** [side, side, 3]: exactly this, where the format loses nothing. */
  pixels: Uint8Array;
  exact: boolean;
  check: Check;
  /** Where pixels lie in the file, and not what says how to read them. */
  data: [from: number, to: number];
}

type Encode = (image: Sharp, random: Random) => Sharp;
interface Kind {
  check: Check;
  exact: boolean;
  encode: Encode;
}

const kinds: Record<string, Kind> = {
  jpeg: { check: 'none', exact: false, encode: (image, random) => image.jpeg({ quality: 40 + random.below(60), chromaSubsampling: random.pick(['4:2:0', '4:4:4']), progressive: random.chance(0.4) }) },
  grayscaleJpeg: { check: 'none', exact: false, encode: (image) => image.grayscale().jpeg({ quality: 90 }) },
  png: { check: 'checksum', exact: true, encode: (image, random) => image.png({ progressive: random.chance(0.5), compressionLevel: random.below(10) }) },
  png16: { check: 'checksum', exact: true, encode: (image) => image.toColourspace('rgb16').png() },
  webp: { check: 'none', exact: false, encode: (image, random) => image.webp({ quality: 50 + random.below(50), effort: 0 }) },
  losslessWebp: { check: 'none', exact: true, encode: (image) => image.webp({ lossless: true, effort: 0 }) },
  gif: { check: 'counted', exact: false, encode: (image, random) => image.gif({ effort: 1, interFrameMaxError: 0, progressive: random.chance(0.5) }) },
  avif: { check: 'none', exact: false, encode: (image) => image.avif({ effort: 0, quality: 60 }) },
  deflateTiff: { check: 'checksum', exact: true, encode: (image, random) => image.tiff({ compression: 'deflate', predictor: random.pick(['none', 'horizontal']), ...tiles(random) }) },
  lzwTiff: { check: 'counted', exact: true, encode: (image, random) => image.tiff({ compression: 'lzw', predictor: 'none', bigtiff: random.chance(0.3), ...tiles(random) }) },
  packbitsTiff: { check: 'counted', exact: true, encode: (image) => image.tiff({ compression: 'packbits' }) },
  plainTiff: { check: 'plain', exact: true, encode: (image, random) => image.tiff({ compression: 'none', ...tiles(random) }) },
  jpegTiff: { check: 'none', exact: false, encode: (image) => image.tiff({ compression: 'jpeg', quality: 90 }) },
};

function tiles(random: Random): { tile: boolean; tileWidth: number; tileHeight: number } {
  return { tile: random.chance(0.4), tileWidth: 16, tileHeight: 32 };
}

/** A smooth picture, noisy here and there, all of it lighter than black. */
function draw(random: Random): Uint8Array {
  const pixels = new Uint8Array(side * side * 3);
  const [across, down, noise] = [random.uniform() * 0.4, random.uniform() * 0.4, random.below(60)];
  for (let y = 0, at = 0; y < side; y += 1) {
    for (let x = 0; x < side; x += 1) {
      for (let channel = 0; channel < 3; channel += 1, at += 1) {
        pixels[at] = Math.min(255, Math.max(1, 130 + 60 * Math.sin(x * across + channel) + 50 * Math.cos(y * down + channel * 2) + random.below(noise + 1)));
      }
    }
  }
  // So that whatever is deeper than eight bits reaches far enough.
  pixels.set([255, 255, 255], 0);
  return pixels;
}

export async function makePicture(random: Random): Promise<Picture> {
  const pixels = draw(random);
  if (random.chance(0.2)) return numbersTiff(pixels, random);
  if (random.chance(0.06)) return bitmap(pixels);
  const kind = random.pick(Object.keys(kinds).filter((name) => name !== 'avif' || random.chance(0.3)));
  const { check, exact, encode } = kinds[kind]!;
  const bytes = await encode(sharp(pixels, { raw: { width: side, height: side, channels: 3 } }), random).toBuffer();
  return { kind, bytes, pixels, exact, check, data: dataOf(kind, bytes) };
}

function dataOf(kind: string, bytes: Buffer): [number, number] {
  // libvips writes the strips first, and the tags that say how to read them last.
  if (kind.endsWith('Tiff')) return bytes.readUInt16LE(2) === 43 ? [16, Number(bytes.readBigUInt64LE(8))] : [8, bytes.readUInt32LE(4)];
  return [kind === 'gif' ? 800 : 33, bytes.length];
}

/** Tags of a TIFF without compression: tag, type (3: 16 bits, 4: 32 bits), values. */
function numbersTiff(pixels: Uint8Array, random: Random): Picture {
  const format = random.pick(['uint16', 'uint32', 'float32'] as const);
  const bytesEach = format === 'uint16' ? 2 : 4;
  const extra = random.chance(0.3) ? 1 + random.below(2) : 0;
  const channels = 3 + extra;
  const rows = Buffer.alloc(side * side * channels * bytesEach);
  for (let pixel = 0; pixel < side * side; pixel += 1) {
    for (let channel = 0; channel < channels; channel += 1) {
      const value = channel < 3 ? pixels[pixel * 3 + channel]! : random.below(256);
      const at = (pixel * channels + channel) * bytesEach;
      if (format === 'uint16') rows.writeUInt16LE(value * 0x101, at);
      else if (format === 'uint32') rows.writeUInt32LE(value * 0x1010101, at);
      else rows.writeFloatLE(value / 255, at);
    }
  }
  const each = (value: number) => Array.from({ length: channels }, () => value);
  const tags: [number, number, number[]][] = [
    [256, 4, [side]], [257, 4, [side]], [258, 3, each(bytesEach * 8)], [259, 3, [1]], [262, 3, [2]], [273, 4, [8]], [277, 3, [channels]], [278, 4, [side]], [279, 4, [rows.length]],
    ...(extra > 0 ? [[338, 3, Array.from({ length: extra }, () => 0)] as [number, number, number[]]] : []), [339, 3, each(format === 'float32' ? 3 : 1)],
  ];
  return { kind: `${format}Tiff`, bytes: tiffOf(rows, tags), pixels, exact: true, check: 'plain', data: [8, 8 + rows.length] };
}

function tiffOf(rows: Buffer, tags: readonly [tag: number, type: number, values: number[]][]): Buffer {
  const directory = 8 + rows.length + (rows.length % 2);
  const entries = Buffer.alloc(2 + 12 * tags.length + 4);
  const long: Buffer[] = [];
  entries.writeUInt16LE(tags.length, 0);
  let after = directory + entries.length;
  tags.forEach(([tag, type, values], index) => {
    const size = type === 3 ? 2 : 4;
    const body = Buffer.alloc(Math.max(4, values.length * size));
    values.forEach((value, place) => { body.writeUIntLE(value, place * size, size); });
    const at = 2 + 12 * index;
    entries.writeUInt16LE(tag, at);
    entries.writeUInt16LE(type, at + 2);
    entries.writeUInt32LE(values.length, at + 4);
    if (body.length === 4) return void body.copy(entries, at + 8);
    entries.writeUInt32LE(after, at + 8);
    long.push(body);
    after += body.length;
  });
  const head = Buffer.from([0x49, 0x49, 42, 0, 0, 0, 0, 0]);
  head.writeUInt32LE(directory, 4);
  return Buffer.concat([head, rows, Buffer.alloc(rows.length % 2), entries, ...long]);
}

/** BMP, 24 bits, bottom-up; a row of 40 pixels needs no filling. */
function bitmap(pixels: Uint8Array): Picture {
  const rows = Buffer.alloc(side * side * 3);
  for (let y = 0; y < side; y += 1) {
    for (let x = 0; x < side; x += 1) {
      const from = (y * side + x) * 3;
      rows.set([pixels[from + 2]!, pixels[from + 1]!, pixels[from]!], ((side - 1 - y) * side + x) * 3);
    }
  }
  const header = Buffer.alloc(54);
  header.write('BM', 0, 'latin1');
  for (const [at, value] of [[2, 54 + rows.length], [10, 54], [14, 40], [18, side], [22, side]] as const) header.writeUInt32LE(value, at);
  header.writeUInt16LE(1, 26);
  header.writeUInt16LE(24, 28);
  return { kind: 'bmp', bytes: Buffer.concat([header, rows]), pixels, exact: true, check: 'plain', data: [54, 54 + rows.length] };
}
