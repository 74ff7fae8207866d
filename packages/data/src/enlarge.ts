/**
 * Enlarging with pixel centres where PIL, torchvision and TensorFlow have them: output pixel u looks at (u + 0.5) / scale - 0.5.
 * libvips' own resize sets an enlarged image half a pixel towards the upper left, which moves what a network sees (0.246
 * instead of 0.257 validation log-loss on 227 px flowers shown at 256 px). Its affine transform, placed exactly, does not.
 */
import type { Preprocessing } from '@cultivar/sdk';
import type { Sharp } from 'sharp';

export interface RawImage {
  data: Buffer;
  info: { width: number; height: number; channels: 1 | 2 | 3 | 4 };
}

/** Repeated edge pixels around the image, so that no tap of the kernel falls outside. */
const border = 4;
const interpolators = { linear: 'bilinear', cubic: 'bicubic', lanczos3: 'bicubic' } as const;

/**
 * @param image oriented and in sRGB; @param from its width and height; @param to width and height wanted
 * @param open makes a pipeline from raw pixels
 * @returns the image at the size wanted; an axis that shrinks is averaged by the kernel as everywhere else
 */
export async function enlarge(
  image: Sharp, from: { width: number; height: number }, to: { width: number; height: number },
  kernel: NonNullable<Preprocessing['kernel']>, open: (raw: RawImage) => Sharp,
): Promise<RawImage> {
  const between = { width: Math.min(from.width, to.width), height: Math.min(from.height, to.height) };
  const shrinks = between.width < from.width || between.height < from.height;
  const small = await raw(shrinks ? image.resize(between.width, between.height, { fit: 'fill', kernel, fastShrinkOnLoad: false }) : image);
  const padded = await raw(open(small).extend({ top: border, bottom: border, left: border, right: border, extendWith: 'copy' }));
  const across = place(between.width, to.width);
  const down = place(between.height, to.height);
  // Interpolated and cut in two steps: within one pipeline sharp cuts first.
  const wide = await raw(open(padded).affine([[across.scale, 0], [0, down.scale]], {
    idx: 0.5, idy: 0.5, odx: across.shift, ody: down.shift, interpolator: interpolators[kernel],
  }));
  return await raw(open(wide).extract({ left: across.start, top: down.start, ...to }));
}

/**
 * Along one axis. libvips puts input pixel x at scale (x + idx) + odx; with idx = 0.5 the wanted output pixel u, whose input
 * is border + (u + 0.5) / scale - 0.5, comes to lie at u + 0.5 + scale border + odx: odx makes that a whole number.
 */
function place(from: number, to: number): { scale: number; shift: number; start: number } {
  const scale = to / from;
  const start = Math.round(0.5 + scale * border);
  return { scale, shift: start - 0.5 - scale * border, start };
}

async function raw(image: Sharp): Promise<RawImage> {
  const { data, info } = await image.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  return { data, info: { width: info.width, height: info.height, channels: info.channels as RawImage['info']['channels'] } };
}
