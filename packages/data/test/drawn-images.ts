/** Images for tests, drawn here: no photo is ever committed. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import type { Preprocessing } from '@cultivar/sdk';

export const plain: Preprocessing = { size: 32, resize: 'stretch', mean: [0, 0, 0], std: [1, 1, 1], channels: 'rgb' };

/** RGB, smooth with some noise; different for every seed. */
export function drawPixels(width: number, height: number, seed = 1, noise = 24): Uint8Array {
  const pixels = new Uint8Array(width * height * 3);
  let state = seed * 7919 + 1;
  for (let y = 0, at = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      for (let channel = 0; channel < 3; channel += 1, at += 1) {
        state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
        const wave = 110 + 60 * Math.sin((x * (channel + 1) + seed * 3) / width * 5) + 40 * Math.cos((y * (3 - channel)) / height * 4);
        pixels[at] = Math.max(0, Math.min(255, Math.round(wave + ((state >> 16) % (noise + 1)))));
      }
    }
  }
  return pixels;
}

export function drawn(width = 60, height = 45, seed = 1): Sharp {
  return sharp(drawPixels(width, height, seed), { raw: { width, height, channels: 3 } });
}

/** One colour in the left half, another in the right. */
export function halves(width: number, height: number, left: number[], right: number[]): Uint8Array {
  const channels = left.length;
  const pixels = new Uint8Array(width * height * channels);
  for (let at = 0; at < width * height; at += 1) pixels.set(at % width < width / 2 ? left : right, at * channels);
  return pixels;
}

/** A drawn image in each of the formats that sharp writes. */
export async function everyFormat(width = 60, height = 45, seed = 1): Promise<Record<string, Buffer>> {
  const image = () => drawn(width, height, seed);
  return {
    'jpeg': await image().jpeg().toBuffer(),
    'jpeg, progressive': await image().jpeg({ progressive: true }).toBuffer(),
    'png': await image().png().toBuffer(),
    'png, interlaced': await image().png({ progressive: true }).toBuffer(),
    'webp': await image().webp().toBuffer(),
    'webp, lossless': await image().webp({ lossless: true }).toBuffer(),
    'gif': await image().gif().toBuffer(),
    'avif': await image().avif({ effort: 0 }).toBuffer(),
    'tiff, lzw': await image().tiff({ compression: 'lzw' }).toBuffer(),
    'tiff, uncompressed': await image().tiff({ compression: 'none' }).toBuffer(),
    'bmp': bitmap24(drawPixels(width, height, seed), width, height),
  };
}

/** A BMP of 24 bits a pixel, bottom-up. */
export function bitmap24(pixels: Uint8Array, width: number, height: number): Buffer {
  const stride = Math.ceil((width * 3) / 4) * 4;
  const rows = Buffer.alloc(stride * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const from = (y * width + x) * 3;
      const to = (height - 1 - y) * stride + x * 3;
      rows.set([pixels[from + 2]!, pixels[from + 1]!, pixels[from]!], to);
    }
  }
  return bitmap({ width, height, bits: 24, rows });
}

export function bitmap(file: { width: number; height: number; bits: number; rows: Uint8Array; compression?: number; after?: Uint8Array }): Buffer {
  const after = file.after ?? new Uint8Array();
  const header = Buffer.alloc(54);
  header.write('BM', 0, 'latin1');
  header.writeUInt32LE(54 + after.length + file.rows.length, 2);
  header.writeUInt32LE(54 + after.length, 10);
  header.writeUInt32LE(40, 14);
  header.writeInt32LE(file.width, 18);
  header.writeInt32LE(file.height, 22);
  header.writeUInt16LE(1, 26);
  header.writeUInt16LE(file.bits, 28);
  header.writeUInt32LE(file.compression ?? 0, 30);
  return Buffer.concat([header, after, file.rows]);
}

const made: string[] = [];

/** A folder of its own; `removeFolders` takes all of them away. */
export async function makeFolder(files: Record<string, string | Uint8Array> = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'cultivar-data-'));
  made.push(folder);
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}

export async function removeFolders(): Promise<void> {
  for (const folder of made.splice(0)) await rm(folder, { recursive: true, force: true });
}

/** A small PNG, different for every seed. */
export async function png(seed: number, width = 12, height = 10): Promise<Buffer> {
  return await drawn(width, height, seed).png().toBuffer();
}

/** Mean absolute difference of two canvases, in levels of 255. */
export function difference(a: Uint8Array, b: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at += 1) sum += Math.abs(a[at]! - b[at]!);
  return sum / a.length;
}
