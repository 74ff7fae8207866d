/**
 * Whether a file's bytes reach the end of its image, from its structure alone and without decoding: a truncated file
 * is found in microseconds, wherever it was cut.
 */
import { bitmapLength, readBitmapHeader } from './bmp.js';
import { ImageProblem, messageOf, truncated } from './image-problem.js';
import { colorTableBytes } from './gif.js';
import type { ImageFormat } from './sniff.js';
import { readTiffPage, tiffReachesEnd } from './tiff.js';

/**
 * `whole`: the end is there. `cut`: the file ends within a part whose length it gives. `unsure`: only decoding tells (a
 * missing end marker alone harms nothing).
 */
export type Completeness = 'whole' | 'cut' | 'unsure';

export function completeness(format: ImageFormat, bytes: Buffer): Completeness {
  switch (format) {
    case 'jpeg': return jpegCompleteness(bytes);
    case 'png': return pngCompleteness(bytes);
    case 'gif': return gifCompleteness(bytes);
    case 'webp': return bytes.length >= 12 && bytes.readUInt32LE(4) + 8 <= bytes.length ? 'whole' : 'cut';
    case 'avif': return boxCompleteness(bytes);
    case 'bmp': return bitmapLength(readBitmapHeader(bytes)) <= bytes.length ? 'whole' : 'cut';
    case 'tiff': return tiffReachesEnd(readTiffPage(bytes), bytes.length) ? 'whole' : 'cut';
  }
}

/** The end-of-image marker, behind the first scan: thumbnails before it carry one as well. */
function jpegCompleteness(bytes: Buffer): Completeness {
  let at = 2;
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== 0xff) return 'unsure';
    const marker = bytes[at + 1]!;
    if (marker === 0xff) at += 1;
    else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) at += 2;
    else if (marker === 0xda) return bytes.includes(endOfImage, at) ? 'whole' : 'unsure';
    else at += 2 + bytes.readUInt16BE(at + 2);
  }
  return 'cut';
}
const endOfImage = Buffer.from([0xff, 0xd9]);

/** Chunks of a given length, up to IEND. */
function pngCompleteness(bytes: Buffer): Completeness {
  let at = 8;
  for (; at + 12 <= bytes.length; at += 12 + bytes.readUInt32BE(at)) {
    if (bytes.toString('latin1', at + 4, at + 8) === 'IEND') return 'whole';
  }
  return at > bytes.length ? 'cut' : 'unsure';
}

/** Blocks of sub-blocks, up to the trailer. */
function gifCompleteness(bytes: Buffer): Completeness {
  let at = 13 + colorTableBytes(bytes[10] ?? 0);
  while (at < bytes.length) {
    const block = bytes[at]!;
    if (block === 0x3b) return 'whole';
    if (block === 0x21) at += 2;
    else if (block === 0x2c) at += 11 + colorTableBytes(bytes[at + 9] ?? 0);
    else return 'unsure';
    while (at < bytes.length && bytes[at] !== 0) at += bytes[at]! + 1;
    at += 1;
  }
  return at > bytes.length ? 'cut' : 'unsure';
}

/** ISO base media boxes: 32-bit size and type; size 1: 64 bits follow; size 0: up to the end of the file. */
function boxCompleteness(bytes: Buffer): Completeness {
  let at = 0;
  while (at + 8 <= bytes.length) {
    const size = bytes.readUInt32BE(at);
    if (size === 0) return 'whole';
    const length = size === 1 && at + 16 <= bytes.length ? Number(bytes.readBigUInt64BE(at + 8)) : size;
    if (length < 8) return 'unsure';
    at += length;
  }
  return at > bytes.length ? 'cut' : at === bytes.length ? 'whole' : 'unsure';
}

/**
 * Why an image could not be decoded. The words of the decoder stay with the cause: libvips keeps one list of messages for all
 * threads, so that under load they may be those of another file.
 */
export function decodeProblem(error: unknown, format: ImageFormat, bytes: Buffer): ImageProblem {
  if (error instanceof ImageProblem) return error;
  if (/exceeds pixel limit/.test(messageOf(error))) return new ImageProblem('IMAGE_TOO_LARGE', 'it has more pixels than are allowed', error);
  if (endIsMissing(format, bytes)) return truncated(error);
  return new ImageProblem('IMAGE_CORRUPT', 'it is damaged: its data cannot be decoded', error);
}

/** Whether the file ends before its image: not where its last bytes are those of an end, and what is wrong lies before them. */
function endIsMissing(format: ImageFormat, bytes: Buffer): boolean {
  const found = completeness(format, bytes);
  if (found === 'whole') return false;
  const tail = bytes.subarray(-12);
  if (format === 'jpeg') return !tail.includes(endOfImage);
  if (format === 'png') return !tail.includes('IEND', 0, 'latin1');
  if (format === 'gif') return tail.at(-1) !== 0x3b;
  return true;
}
