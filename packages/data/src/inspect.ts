/** What an image file is, from its bytes alone: its name is never asked. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import sharp from 'sharp';
import { isBitmap, readBitmapHeader } from './bmp.js';
import { imageProblem, ImageProblem } from './image-problem.js';

export const imageFormats = ['jpeg', 'png', 'webp', 'gif', 'avif', 'tiff', 'bmp'] as const;
export type ImageFormat = (typeof imageFormats)[number];

/** Pixels of an input image at most, unless told otherwise: 100 megapixels. */
export const defaultMaximumPixels = 100_000_000;
/** Bytes of an input file at most: 512 MiB. */
export const maximumFileBytes = 512 * 2 ** 20;

export interface ImageHeader {
  format: ImageFormat;
  /** In pixels, as seen once the EXIF orientation is applied; of the first frame. */
  width: number;
  height: number;
}

/**
 * Reads a whole file, but nothing that could block or flood: no pipe, no device, nothing above {@link maximumFileBytes}.
 * @throws ImageProblem
 */
export async function readImageFile(path: string): Promise<Buffer> {
  let file;
  try {
    // Non-blocking, so that opening a pipe that nobody writes to does not wait for ever.
    file = await open(path, nonBlockingRead);
    const state = await file.stat();
    if (!state.isFile()) throw new ImageProblem('FILE_UNREADABLE', state.isDirectory() ? 'it is a folder' : 'it is not a regular file');
    if (state.size > maximumFileBytes) throw new ImageProblem('FILE_TOO_LARGE', `it has ${state.size} bytes; at most ${maximumFileBytes} are read`);
    const bytes = Buffer.allocUnsafeSlow(state.size);
    let filled = 0;
    while (filled < bytes.length) {
      const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return filled === bytes.length ? bytes : bytes.subarray(0, filled);
  } catch (error) {
    throw imageProblem(error);
  } finally {
    await file?.close();
  }
}

const nonBlockingRead = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/**
 * The kind of image by its first bytes.
 * @throws ImageProblem FILE_EMPTY, FORMAT_UNKNOWN, or FORMAT_UNSUPPORTED with what to do
 */
export function sniff(bytes: Buffer): ImageFormat {
  if (bytes.length === 0) throw new ImageProblem('FILE_EMPTY', 'it has no bytes');
  const text = (from: number, to: number) => bytes.toString('latin1', from, to);
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return 'jpeg';
  if (text(0, 8) === '\x89PNG\r\n\x1a\n') return 'png';
  if (text(0, 6) === 'GIF87a' || text(0, 6) === 'GIF89a') return 'gif';
  if (text(0, 4) === 'RIFF' && text(8, 12) === 'WEBP') return 'webp';
  if (/^(II[*+]\0|MM\0[*+])/.test(text(0, 4))) return 'tiff';
  if (isBitmap(bytes)) return 'bmp';
  if (text(4, 8) === 'ftyp') {
    const brands = text(8, Math.min(bytes.readUInt32BE(0), 256));
    if (/avi[fs]/.test(brands)) return 'avif';
    if (/he[iv][cx]/.test(brands)) throw new ImageProblem('FORMAT_UNSUPPORTED', 'HEIC photos are not read; convert it to JPEG');
    throw new ImageProblem('FORMAT_UNSUPPORTED', 'it is a video or another kind of media file');
  }
  if (/^\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<svg/s.test(text(0, 1024))) throw new ImageProblem('FORMAT_UNSUPPORTED', 'SVG drawings are not read; convert it to PNG');
  if (text(0, 4) === '%PDF') throw new ImageProblem('FORMAT_UNSUPPORTED', 'it is a PDF; save its pages as PNG');
  if (text(0, 2) === '\xff\x0a' || text(4, 12) === 'JXL \r\n\x87\n') throw new ImageProblem('FORMAT_UNSUPPORTED', 'JPEG XL is not read; convert it to JPEG');
  throw new ImageProblem('FORMAT_UNKNOWN', 'it is not a JPEG, PNG, WebP, GIF, AVIF, TIFF or BMP image');
}

/**
 * Reads format and size from the header; decodes no pixel.
 * @throws ImageProblem
 */
export async function inspectImage(bytes: Buffer, maximumPixels = defaultMaximumPixels): Promise<ImageHeader> {
  const format = sniff(bytes);
  let header: ImageHeader;
  try {
    if (format === 'bmp') {
      const { width, height } = readBitmapHeader(bytes);
      header = { format, width, height };
    } else {
      const { autoOrient } = await sharp(bytes, { limitInputPixels: false, failOn: 'none' }).metadata();
      header = { format, ...autoOrient };
    }
  } catch (error) {
    throw imageProblem(error);
  }
  checkPixels(header.width, header.height, maximumPixels);
  return header;
}

/** @throws ImageProblem IMAGE_TOO_LARGE */
export function checkPixels(width: number, height: number, maximumPixels: number): void {
  if (width * height > maximumPixels) {
    throw new ImageProblem('IMAGE_TOO_LARGE', `it has ${width} x ${height} pixels; at most ${maximumPixels} are read`);
  }
}
