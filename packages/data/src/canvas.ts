/**
 * From bytes to canvas: the one way that an image takes into a network, in training and in prediction.
 *
 * A canvas is [size, size, 3], uint8, RGB in sRGB, row-major. On the way: the first frame or page; the EXIF orientation
 * applied; an embedded ICC profile (CMYK has one by default), grey and 16 bits brought to sRGB; what is transparent laid
 * onto white, as pages and product photos are; then the resize of the preprocessing.
 *
 * The resampling kernel is widened to the scale when it shrinks, as in PIL and torchvision: `linear` (a triangle) is what
 * torchvision calls antialiased bilinear, `cubic` is Catmull-Rom (PIL's bicubic), `lanczos3` is PIL's Lanczos. JPEG and WebP
 * are shrunk while they load only as far as twice the final size, so that the kernel still decides the result. Enlarging: enlarge.ts.
 */
import { failure, type Preprocessing } from '@cultivar/sdk';
import type { Sharp } from 'sharp';
import { decodeProblem } from './completeness.js';
import { enlarge } from './enlarge.js';
import { fileProblem } from './image-problem.js';
import { defaultMaximumPixels, type ImageHeader, inspectImage, readImageFile } from './inspect.js';
import { openEncoded, openImage, openRaw } from './open-image.js';
import { beside, strictly } from './second-look.js';
import { checkStructure } from './structure.js';

export interface DecodeOptions {
  /** Pixels of the input image at most. Default 200 million. */
  maximumPixels?: number;
}

/** What padding is filled with: middle grey, close to the mean of natural images. */
const grey = { r: 128, g: 128, b: 128 };
const white = { r: 255, g: 255, b: 255 };

/**
 * Decodes an image and brings it to the size of a network.
 * @param input path of a file, or its bytes
 * @returns [size, size, 3], uint8, RGB
 * @throws CultivarError IMAGE_UNREADABLE with the reason
 */
export async function decodeImage(input: string | Uint8Array, preprocessing: Preprocessing, options: DecodeOptions = {}): Promise<Uint8Array> {
  checkPreprocessing(preprocessing);
  try {
    return await decodeBytes(typeof input === 'string' ? await readImageFile(input) : asBuffer(input), preprocessing, options);
  } catch (error) {
    const problem = fileProblem(error);
    throw failure('IMAGE_UNREADABLE', { path: typeof input === 'string' ? input : 'given as bytes', reason: problem.message }, problem);
  }
}

/**
 * As {@link decodeImage}, within this package.
 * @throws ImageProblem
 */
export async function decodeBytes(bytes: Buffer, preprocessing: Preprocessing, { maximumPixels = defaultMaximumPixels }: DecodeOptions = {}): Promise<Uint8Array> {
  const header = await inspectImage(bytes, maximumPixels);
  await checkStructure(header, bytes, maximumPixels);
  return await drawBytes(bytes, header, preprocessing, maximumPixels);
}

/**
 * As {@link decodeBytes}, of a file that a scan has checked: libvips reads it on the thread that decodes it, so that not one
 * turn of the event loop lies between asking for a canvas and having it.
 * @throws ImageProblem
 */
export async function decodeFile(path: string, header: ImageHeader, preprocessing: Preprocessing, options: DecodeOptions = {}): Promise<Uint8Array> {
  const { maximumPixels = defaultMaximumPixels } = options;
  // libvips takes brackets at the end of a path for options of its own.
  if (header.format !== 'bmp' && header.format !== 'tiff' && !path.endsWith(']')) {
    try {
      return await beside(() => drawCanvas(openEncoded(path, header.format === 'jpeg' ? 'warning' : 'error', maximumPixels), preprocessing, header));
    } catch {
      // Read once more below, to find out what is wrong.
    }
  }
  return await decodeBytes(await readImageFile(path), preprocessing, options);
}

/**
 * Decodes the whole of the first frame, as for training, and keeps nothing.
 * @throws ImageProblem
 */
export async function verifyPixels(bytes: Buffer, header: ImageHeader, maximumPixels: number): Promise<void> {
  await drawBytes(bytes, header, { size: 16, resize: 'stretch', mean: [0, 0, 0], std: [1, 1, 1], channels: 'rgb' }, maximumPixels);
}

async function drawBytes(bytes: Buffer, header: ImageHeader, preprocessing: Preprocessing, maximumPixels: number): Promise<Uint8Array> {
  const { format, scans } = header;
  try {
    return await strictly(format, scans === 'several', async (failOn) => await drawCanvas(await openImage(bytes, format, failOn, maximumPixels), preprocessing, header));
  } catch (error) {
    throw decodeProblem(error, format, bytes);
  }
}

/**
 * Brings pixels that are already decoded to the size of a network, by the same resize as {@link decodeImage}.
 * @param pixels [height, width, 3], uint8, RGB
 * @returns [size, size, 3], uint8, RGB
 */
export async function canvasFromPixels(pixels: Uint8Array, height: number, width: number, preprocessing: Preprocessing): Promise<Uint8Array> {
  checkPreprocessing(preprocessing);
  if (pixels.length !== height * width * 3) {
    throw new RangeError(`${pixels.length} values are not an image of ${height} x ${width} x 3`);
  }
  return await beside(() => drawCanvas(openRaw(pixels, height, width), preprocessing, { width, height }));
}

/** A programming error, unlike a broken image. */
export function checkPreprocessing({ size, cropFraction = 1 }: Preprocessing): void {
  if (!Number.isInteger(size) || size < 1) throw new RangeError(`a canvas of ${size} pixels a side cannot be made`);
  if (!(cropFraction > 0 && cropFraction <= 1)) throw new RangeError(`crop fraction ${cropFraction} is not in 0..1`);
}

type Size = Pick<ImageHeader, 'width' | 'height' | 'beforeProfile'>;

/** @param from the size of the image, its EXIF orientation applied */
async function drawCanvas(image: Sharp, preprocessing: Preprocessing, from: Size): Promise<Uint8Array> {
  const { size, resize: mode, cropFraction = 1, kernel = 'linear' } = preprocessing;
  const to = resized(from, mode, mode === 'crop' ? Math.max(size, Math.round(size / cropFraction)) : size);
  const left = Math.floor((to.width - size) / 2);
  const top = Math.floor((to.height - size) / 2);
  const opened = from.beforeProfile ? image.pipelineColourspace(from.beforeProfile) : image;
  let drawn = opened.autoOrient().flatten({ background: white }).toColourspace('srgb');
  if (to.width > from.width || to.height > from.height) {
    const between = { width: Math.min(from.width, to.width), height: Math.min(from.height, to.height) };
    if (between.width < from.width || between.height < from.height) drawn = drawn.resize({ ...between, fit: 'fill', kernel, fastShrinkOnLoad: false });
    const wanted = mode === 'crop' ? { width: size, height: size, left, top } : { ...to, left: 0, top: 0 };
    const enlarged = enlarge(
      await pixelsOf(drawn, between),
      { from: between.height, to: to.height, start: wanted.top, count: wanted.height },
      { from: between.width, to: to.width, start: wanted.left, count: wanted.width },
      kernel,
    );
    if (mode !== 'pad') return enlarged;
    drawn = openRaw(enlarged, to.height, to.width);
  } else {
    drawn = drawn.resize({ ...to, fit: 'fill', kernel, fastShrinkOnLoad: false });
    if (mode === 'crop') drawn = drawn.extract({ left, top, width: size, height: size });
  }
  if (mode === 'pad') drawn = drawn.extend({ left: -left, top: -top, right: size - to.width + left, bottom: size - to.height + top, background: grey });
  return await pixelsOf(drawn);
}

/** @throws RangeError where the image is not as large as it should be: its file has changed since its header was read */
async function pixelsOf(image: Sharp, expected?: Size): Promise<Uint8Array> {
  const { data, info } = await image.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  if (expected && (info.width !== expected.width || info.height !== expected.height)) throw new RangeError(`${info.width} x ${info.height} pixels, not ${expected.width} x ${expected.height}`);
  return threeChannels(data, info.channels);
}

/** Width and height before the middle is cut out or the rest is padded. */
function resized(from: { width: number; height: number }, mode: Preprocessing['resize'], side: number): { width: number; height: number } {
  if (mode === 'stretch') return { width: side, height: side };
  const scale = side / (mode === 'crop' ? Math.min(from.width, from.height) : Math.max(from.width, from.height));
  return { width: Math.max(1, Math.round(from.width * scale)), height: Math.max(1, Math.round(from.height * scale)) };
}

function threeChannels(data: Buffer, channels: number): Uint8Array {
  const view = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (channels === 3) return view;
  const pixels = view.length / channels;
  const canvas = new Uint8Array(pixels * 3);
  const step = channels < 3 ? 0 : 1;
  for (let pixel = 0; pixel < pixels; pixel += 1) {
    for (let channel = 0; channel < 3; channel += 1) canvas[pixel * 3 + channel] = view[pixel * channels + channel * step]!;
  }
  return canvas;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
