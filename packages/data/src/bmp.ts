/**
 * BMP, which libvips does not read: uncompressed, 1, 4, 8, 16, 24 and 32 bits a pixel, either row order.
 * After the BITMAPINFOHEADER family as Microsoft documents it (wingdi.h).
 */
import { ImageProblem, truncated } from './image-problem.js';

export interface BitmapHeader {
  width: number;
  height: number;
  bits: number;
  topDown: boolean;
  /** Where the rows begin, and the bytes of one row, padded to four. */
  offset: number;
  stride: number;
  /** Red, green, blue bits within a pixel of 16 or 32 bits. */
  masks: [number, number, number];
  /** Bits of alpha, where a header declares them; 0: none. */
  alpha: number;
  /** Where the palette begins, the bytes of an entry and the number of entries. */
  palette: { offset: number; entry: 3 | 4; count: number };
}

const fileHeader = 14;

/** Whether the bytes begin as a BMP file does: `BM`, then a header size that exists. */
export function isBitmap(bytes: Uint8Array): boolean {
  return bytes.length >= 26 && bytes[0] === 0x42 && bytes[1] === 0x4d && [12, 40, 52, 56, 64, 108, 124].includes(bytes[fileHeader]!) && bytes[15] === 0;
}

/** @throws ImageProblem, for a variant that is not read too */
export function readBitmapHeader(bytes: Uint8Array): BitmapHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerSize = view.getUint32(fileHeader, true);
  if (bytes.length < fileHeader + headerSize) throw truncated();
  const old = headerSize === 12;
  const width = old ? view.getUint16(18, true) : view.getInt32(18, true);
  const signedHeight = old ? view.getUint16(20, true) : view.getInt32(22, true);
  const bits = view.getUint16(old ? 24 : 28, true);
  const compression = old ? 0 : view.getUint32(30, true);
  const masked = compression === 3 || compression === 6;
  if ((compression !== 0 && !masked) || (headerSize === 64 && compression !== 0)) throw new ImageProblem('FORMAT_UNSUPPORTED', 'compressed BMP is not read; save it as PNG');
  if (![1, 4, 8, 16, 24, 32].includes(bits)) throw new ImageProblem('IMAGE_CORRUPT', `BMP of ${bits} bits a pixel does not exist`);
  if (width <= 0 || signedHeight === 0) throw new ImageProblem('IMAGE_CORRUPT', 'it has no pixels');
  if (masked && bytes.length < fileHeader + 52) throw truncated();
  const mask = (place: number) => view.getUint32(fileHeader + 40 + 4 * place, true);
  const colours = old ? 0 : view.getUint32(46, true);
  return {
    width,
    height: Math.abs(signedHeight),
    bits,
    topDown: signedHeight < 0,
    offset: view.getUint32(10, true),
    stride: Math.ceil((width * bits) / 32) * 4,
    alpha: masked && bits > 8 && (headerSize >= 56 || compression === 6) && bytes.length >= fileHeader + 56 ? mask(3) : 0,
    masks: masked ? [mask(0), mask(1), mask(2)] : bits === 16 ? [0x7c00, 0x3e0, 0x1f] : [0xff0000, 0xff00, 0xff],
    palette: {
      offset: fileHeader + headerSize + (masked && headerSize === 40 ? (compression === 6 ? 16 : 12) : 0),
      entry: old ? 3 : 4,
      count: bits > 8 ? 0 : colours === 0 ? 1 << bits : Math.min(colours, 1 << bits),
    },
  };
}

/** @returns bytes that the file must have to hold all its rows */
export function bitmapLength(header: BitmapHeader): number {
  return header.offset + header.stride * header.height;
}

/**
 * @returns RGB, [height, width, 3], row-major; what a declared alpha makes transparent is laid onto white. The reserved byte of 32-bit pixels is no alpha
 * @throws ImageProblem
 */
export function decodeBitmap(bytes: Uint8Array): { width: number; height: number; pixels: Uint8Array } {
  const header = readBitmapHeader(bytes);
  if (bitmapLength(header) > bytes.length) throw truncated();
  const { width, height, topDown, offset, stride } = header;
  const pixels = new Uint8Array(width * height * 3);
  const read = pixelReader(header, bytes);
  for (let row = 0; row < height; row += 1) {
    const from = offset + stride * (topDown ? row : height - 1 - row);
    for (let column = 0, to = row * width * 3; column < width; column += 1, to += 3) {
      const colour = read(from, column);
      pixels[to] = colour >>> 16;
      pixels[to + 1] = (colour >>> 8) & 255;
      pixels[to + 2] = colour & 255;
    }
  }
  if (header.alpha !== 0) layOntoWhite(pixels, header, bytes);
  return { width, height, pixels };
}

/** Alpha that is zero everywhere was never filled in: nobody keeps an invisible picture. */
function layOntoWhite(pixels: Uint8Array, { width, height, topDown, offset, stride, bits, alpha }: BitmapHeader, bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read = channelReader(alpha);
  const cover = Uint8Array.from({ length: width * height }, (_, pixel) => {
    const row = Math.floor(pixel / width);
    const at = offset + stride * (topDown ? row : height - 1 - row) + ((pixel % width) * bits) / 8;
    return read(bits === 16 ? view.getUint16(at, true) : view.getUint32(at, true));
  });
  if (cover.every((value) => value === 0)) return;
  for (let at = 0; at < pixels.length; at += 1) {
    const share = cover[Math.floor(at / 3)]! / 255;
    pixels[at] = Math.round(pixels[at]! * share + 255 * (1 - share));
  }
}


/** @returns a function from row offset and column to 0xRRGGBB */
function pixelReader({ bits, masks, palette }: BitmapHeader, bytes: Uint8Array): (from: number, column: number) => number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bits === 24) return (from, column) => {
    const at = from + column * 3;
    return (bytes[at + 2]! << 16) | (bytes[at + 1]! << 8) | bytes[at]!;
  };
  if (bits > 8) {
    const [red, green, blue] = masks.map(channelReader) as [Channel, Channel, Channel];
    return (from, column) => {
      const pixel = bits === 16 ? view.getUint16(from + column * 2, true) : view.getUint32(from + column * 4, true);
      return (red(pixel) << 16) | (green(pixel) << 8) | blue(pixel);
    };
  }
  const colours = Array.from({ length: palette.count }, (_, index) => {
    const at = palette.offset + index * palette.entry;
    return at + 2 < bytes.length ? (bytes[at + 2]! << 16) | (bytes[at + 1]! << 8) | bytes[at]! : 0;
  });
  const perByte = 8 / bits;
  return (from, column) => {
    const shift = 8 - bits * ((column % perByte) + 1);
    return colours[(bytes[from + Math.floor(column / perByte)]! >>> shift) & ((1 << bits) - 1)] ?? 0;
  };
}

type Channel = (pixel: number) => number;

/** Spreads the bits under a mask over 0..255. */
function channelReader(mask: number): Channel {
  if (mask === 0) return () => 0;
  const shift = Math.clz32(mask & -mask) ^ 31;
  const highest = mask >>> shift;
  return (pixel) => Math.round((((pixel & mask) >>> shift) * 255) / highest);
}
