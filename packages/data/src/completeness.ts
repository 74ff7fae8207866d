/**
 * Whether a file's bytes reach the end of its image, from its structure alone and without decoding: a truncated file
 * is found in microseconds, wherever it was cut. Only a cheap alarm: what looks incomplete is then decoded to be sure.
 */
import { bitmapLength, readBitmapHeader } from './bmp.js';
import type { ImageFormat } from './inspect.js';

/** @returns false when the end of the image is not there, or cannot be told without decoding */
export function looksComplete(format: ImageFormat, bytes: Buffer): boolean {
  switch (format) {
    case 'jpeg': return jpegEnds(bytes);
    case 'png': return pngEnds(bytes);
    case 'gif': return gifEnds(bytes);
    case 'webp': return bytes.length >= 12 && bytes.readUInt32LE(4) + 8 <= bytes.length;
    case 'avif': return boxesEnd(bytes);
    case 'bmp': return bitmapLength(readBitmapHeader(bytes)) <= bytes.length;
    // A TIFF's strips may lie anywhere in the file.
    case 'tiff': return false;
  }
}

/** The end-of-image marker, behind the first scan: thumbnails before it carry one as well. */
function jpegEnds(bytes: Buffer): boolean {
  let at = 2;
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== 0xff) return false;
    const marker = bytes[at + 1]!;
    if (marker === 0xff) at += 1;
    else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) at += 2;
    else if (marker === 0xda) return bytes.includes(Buffer.from([0xff, 0xd9]), at);
    else at += 2 + bytes.readUInt16BE(at + 2);
  }
  return false;
}

function pngEnds(bytes: Buffer): boolean {
  for (let at = 8; at + 12 <= bytes.length; at += 12 + bytes.readUInt32BE(at)) {
    if (bytes.toString('latin1', at + 4, at + 8) === 'IEND') return true;
  }
  return false;
}

/** Bytes of the colour table that a flag byte announces. */
function colourTable(flags: number): number {
  return flags & 0x80 ? 3 << ((flags & 7) + 1) : 0;
}

function gifEnds(bytes: Buffer): boolean {
  let at = 13 + colourTable(bytes[10] ?? 0);
  while (at < bytes.length) {
    const block = bytes[at]!;
    if (block === 0x3b) return true;
    if (block === 0x21) at += 2;
    else if (block === 0x2c) at += 11 + colourTable(bytes[at + 9] ?? 0);
    else return false;
    while (at < bytes.length && bytes[at] !== 0) at += bytes[at]! + 1;
    at += 1;
  }
  return false;
}

/** ISO base media boxes: 32-bit size and type; size 1: 64 bits follow; size 0: up to the end of the file. */
function boxesEnd(bytes: Buffer): boolean {
  let at = 0;
  while (at + 8 <= bytes.length) {
    const size = bytes.readUInt32BE(at);
    if (size === 0) return true;
    const length = size === 1 && at + 16 <= bytes.length ? Number(bytes.readBigUInt64BE(at + 8)) : size;
    if (length < 8) return false;
    at += length;
  }
  return at === bytes.length;
}
