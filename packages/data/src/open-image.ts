/** Opens the bytes of an image so that libvips reads its pixels as the file declares them. */
import type { Sharp } from 'sharp';
import { decodeBitmap } from './bmp.js';
import { ImageProblem } from './image-problem.js';
import { bytesOfSamples, checkReach, wereBytes } from './samples.js';
import { beside, type FailOn } from './second-look.js';
import { sharp } from './sharp.js';
import type { ImageFormat } from './sniff.js';
import { readTiffPage, type TiffPage } from './tiff.js';
import { type SampleReading, tiffReading } from './tiff-reading.js';

/**
 * @param format what the bytes are
 * @param failOn what counts as damage
 * @throws ImageProblem for variants that are not read
 */
export async function openImage(bytes: Buffer, format: ImageFormat, failOn: FailOn, maximumPixels: number): Promise<Sharp> {
  if (format === 'bmp') {
    const { width, height, pixels } = decodeBitmap(bytes);
    return openRaw(pixels, height, width);
  }
  const page = format === 'tiff' ? readTiffPage(bytes) : undefined;
  const reading = page && tiffReading(page);
  if (!reading) return openEncoded(bytes, failOn, maximumPixels);
  checkSampleBytes(page!, reading);
  const { data, width, height, channels } = await rawSamples(openEncoded(bytes, failOn, maximumPixels, true).autoOrient(), reading.depth);
  return openRaw(bytesOfSamples(data, channels, reading), height, width, reading.colors);
}

/** Bytes of numbers that are scaled here, all of them at once: a page of 80 megapixels in RGB floats. */
const mostSampleBytes = 2 ** 30;

function checkSampleBytes({ width, height, bits }: TiffPage, { depth }: SampleReading): void {
  const each = { uchar: 1, char: 1, ushort: 2, short: 2, uint: 4, int: 4, float: 4 }[depth];
  if (width * height * bits.length * each > mostSampleBytes) {
    throw new ImageProblem('IMAGE_TOO_LARGE', `its ${width} x ${height} pixels of ${bits.length} numbers each are more than are scaled; save it with 8 bits`);
  }
}

/** Bands of an image at most; sharp's own limit is five. */
const mostBands = 1024;

/** @param maximumPixels false where only the header is read */
export function openEncoded(input: Buffer | string, failOn: FailOn | 'none', maximumPixels: number | false, ignoreIcc = false): Sharp {
  return sharp(input, { failOn, limitInputPixels: maximumPixels, limitInputChannels: mostBands, ignoreIcc });
}

export function openRaw(pixels: Uint8Array, height: number, width: number, channels: 1 | 3 = 3): Sharp {
  return sharp(pixels, { raw: { width, height, channels }, limitInputPixels: false });
}

/** Sides within which a look at every so manieth pixel is enough, where it finds light. */
const glimpse = 1000;

/**
 * Of 16 bits a sample.
 * @throws ImageProblem IMAGE_RANGE where the numbers reach only a small part of what they could: 12 bits in 16, say
 */
export async function checkDepth(bytes: Buffer, maximumPixels: number): Promise<void> {
  const open = () => openEncoded(bytes, 'truncated', maximumPixels, true);
  const quick = await beside(async () => await colorsOf(open().resize({ width: glimpse, height: glimpse, fit: 'inside', withoutEnlargement: true, kernel: 'nearest', fastShrinkOnLoad: false })));
  if (largestOf(quick) * 4 > 65_535) return;
  const all = await beside(async () => await colorsOf(open()));
  checkReach(largestOf(all), 65_535, '16-bit samples', (white) => wereBytes(all.numbers, all.channels, all.colors, white));
}

interface Colors {
  numbers: Uint16Array;
  channels: number;
  colors: number;
}

async function colorsOf(image: Sharp): Promise<Colors> {
  const { data, channels } = await rawSamples(image, 'ushort');
  return { numbers: new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2), channels, colors: channels === 2 || channels === 4 ? channels - 1 : channels };
}

function largestOf({ numbers, channels, colors }: Colors): number {
  let largest = 0;
  for (let from = 0; from < numbers.length; from += channels) {
    for (let at = from; at < from + colors; at += 1) if (numbers[at]! > largest) largest = numbers[at]!;
  }
  return largest;
}

/** The numbers as they stand in the file; nothing is brought to another range or color space. */
async function rawSamples(image: Sharp, depth: SampleReading['depth']): Promise<{ data: Buffer<ArrayBuffer>; width: number; height: number; channels: number }> {
  const { space } = await image.clone().metadata();
  if (space === undefined) throw new ImageProblem('IMAGE_CORRUPT', 'it has no color space');
  const { data, info } = await image.pipelineColourspace(space).toColourspace(space).raw({ depth }).toBuffer({ resolveWithObject: true });
  return { data: data as Buffer<ArrayBuffer>, width: info.width, height: info.height, channels: info.channels };
}
