/** Reads image files, and their headers. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { readBitmapHeader } from './bmp.js';
import { decodeProblem } from './completeness.js';
import { checkJpegKind } from './jpeg.js';
import { fileProblem, ImageProblem } from './image-problem.js';
import { openEncoded } from './open-image.js';
import { beside } from './second-look.js';
import { type ImageFormat, sniff } from './sniff.js';
import { readTiffPage } from './tiff.js';
import { tiffReading } from './tiff-reading.js';

/** Pixels of an input image at most, unless told otherwise: what the largest sensors of phones give (200 megapixels). */
export const defaultMaximumPixels = 200_000_000;
/** Bytes of an input file at most: 512 MiB. */
export const maximumFileBytes = 512 * 2 ** 20;

export interface ImageHeader {
  format: ImageFormat;
  /** In pixels, as seen once the EXIF orientation is applied; of the first frame. */
  width: number;
  height: number;
  /** Of a JPEG that comes in several scans. */
  scans?: 'several';
  /** Of 16 bits with a color profile: what it is brought to before the profile counts. sharp takes such colors for those of a wide screen, and leaves grey out. */
  beforeProfile?: 'srgb' | 'b-w';
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
    throw fileProblem(error);
  } finally {
    await file?.close();
  }
}

const nonBlockingRead = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/**
 * Reads format and size from the header; decodes no pixel.
 * @throws ImageProblem, for kinds of a format that are not read too
 */
export async function inspectImage(bytes: Buffer, maximumPixels = defaultMaximumPixels): Promise<ImageHeader> {
  const format = sniff(bytes);
  let header: ImageHeader;
  try {
    if (format === 'bmp') {
      const { width, height } = readBitmapHeader(bytes);
      header = { format, width, height };
    } else {
      if (format === 'tiff') tiffReading(readTiffPage(bytes));
      const several = format === 'jpeg' && checkJpegKind(bytes);
      const { autoOrient, space, hasProfile } = await beside(() => openEncoded(bytes, 'none', false).metadata());
      const beforeProfile = hasProfile ? { rgb16: 'srgb' as const, grey16: 'b-w' as const }[space as string] : undefined;
      header = { format, ...autoOrient, ...(several && { scans: 'several' }), ...(beforeProfile && { beforeProfile }) };
    }
  } catch (error) {
    throw decodeProblem(error, format, bytes);
  }
  checkPixels(header.width, header.height, maximumPixels);
  return header;
}

/** @throws ImageProblem IMAGE_TOO_LARGE */
export function checkPixels(width: number, height: number, maximumPixels: number): void {
  if (width * height > maximumPixels) {
    throw new ImageProblem('IMAGE_TOO_LARGE', `it has ${width} x ${height} pixels; at most ${maximumPixels} are read, unless --max-pixels (maxPixels in the library) says more`);
  }
}
