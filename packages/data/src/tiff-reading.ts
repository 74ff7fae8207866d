/**
 * How the numbers of a TIFF become levels of light. What libvips puts there as the file declares it goes its way; what it does not (floats, signed and
 * 32-bit numbers, a declared range, samples beside the colors) is scaled here; what nobody declared, or nothing here reads, is refused in words.
 */
import { ImageProblem } from './image-problem.js';
import type { TiffPage } from './tiff.js';

/** Numbers that libvips hands over as they stand. */
export interface SampleReading {
  depth: 'uchar' | 'char' | 'ushort' | 'short' | 'uint' | 'int' | 'float';
  /** Samples of a pixel that are color: the first one or three. */
  colors: 1 | 3;
  /** The sample behind the colors is (unassociated) alpha; libvips divides an associated one out. */
  alpha: boolean;
  /** What black and white are; absent: floats from 0 to 1 as long as all of them lie there. */
  range?: [black: number, white: number];
  /** The range is only a guess at how many bits are used, void where a number lies above it: then all bits count. */
  guessed?: boolean;
  /** Zero is white, and libvips left it so. */
  inverted: boolean;
}

const unsupported = (reason: string) => new ImageProblem('FORMAT_UNSUPPORTED', reason);

/** Compressions that libvips reads here; JPEG, WebP and fax are checked by their decoders, the others by strips.ts. */
const compressions = new Set([1, 2, 3, 4, 5, 7, 8, 32773, 32946, 50001]);
const compressionNames: Record<number, string> = {
  6: 'old-style JPEG', 32809: 'ThunderScan', 32908: 'PixarFilm', 32909: 'PixarLog', 34661: 'JBIG', 34676: 'SGILog', 34677: 'SGILog', 33003: 'JPEG 2000', 33004: 'JPEG 2000', 33005: 'JPEG 2000', 34712: 'JPEG 2000',
  34887: 'LERC', 34892: 'lossy JPEG of a raw file', 34925: 'LZMA', 50000: 'Zstandard', 50002: 'JPEG XL', 52546: 'JPEG XL',
};
const photometricNames: Record<number, string> = { 4: 'a mask', 8: 'CIELab', 9: 'ICC Lab', 10: 'ITU Lab', 32803: 'the mosaic of a raw file', 32844: 'LogL', 32845: 'LogLuv', 34892: 'linear light of a raw file' };

/**
 * @returns how the samples are to be scaled; undefined where libvips puts them right by itself
 * @throws ImageProblem FORMAT_UNSUPPORTED, in words of what the file is
 */
export function tiffReading(page: TiffPage): SampleReading | undefined {
  const { photometric, bits, compression, kind } = page;
  if (page.dng || photometric === 32803) throw unsupported('it is a raw file of a camera; develop it, and save it as TIFF or JPEG');
  if (page.reduced) throw unsupported('its first page is only a small copy of an image that lies elsewhere in it, as in raw files of cameras; save the image itself as TIFF or JPEG');
  if (!compressions.has(compression)) throw unsupported(`its compression (${compressionNames[compression] ?? `number ${compression}`}) is not read; save it with LZW or deflate`);
  const base = { 0: 1, 1: 1, 2: 3, 3: 1, 5: 4, 6: 3 }[photometric];
  if (base === undefined) throw unsupported(`its colors are ${photometricNames[photometric] ?? `of kind ${photometric}`}, which is not read; save it as RGB`);
  if (page.planar && page.tile) throw unsupported('its tiles hold one color each, which is not read; save it with the colors of a pixel beside each other');
  if (photometric === 6 && compression !== 7) throw unsupported('its colors are YCbCr without JPEG, which is not read; save it as RGB');
  if (bits.length < base) throw unsupported(`it has ${bits.length} sample(s) a pixel, fewer than its colors need`);
  const depth = bits[0]!;
  if (bits.some((each) => each !== depth)) throw unsupported(`its samples differ in depth (${bits.slice(0, 8).join(', ')} bits), which is not read; save it with 8 or 16 bits each`);
  const extra = bits.length - base;
  if (base === 1 && extra > 1) throw unsupported(`it has ${bits.length} bands, none of which is declared red, green or blue; save the three that matter as RGB`);
  const alpha = extra > 0 && (page.extraSamples.length === 0 ? photometric === 2 : page.extraSamples[0] === 1 || page.extraSamples[0] === 2);
  if (extra > 0 && page.extraSamples.length === 0 && base === 1) throw unsupported('it has two bands, and does not say what the second one is; save it as grey, or declare it as alpha');
  const plainExtra = extra === 0 || (extra === 1 && alpha);
  if (photometric === 3 || photometric === 5 || photometric === 6) return checkPlain(page, depth, plainExtra);
  if (kind === 'unsigned' && depth < 8 && bits.length === 1 && [1, 2, 4].includes(depth)) return undefined;
  const name = typeNames[`${kind} ${depth}`];
  // libvips takes half floats for whole numbers where they are grey, or lie in planes.
  if (!name || (kind === 'float' && depth === 16 && (base === 1 || page.planar))) throw unsupported(`its samples are ${kind === 'float' ? `floats of ${depth}` : kind === 'other' ? `complex or mixed numbers of ${depth}` : `${depth}`} bits, which are not read; save it with 8 or 16 bits`);
  const declared = depth > 8 || kind !== 'unsigned' ? rangeOf(page, depth) : undefined;
  if (kind === 'unsigned' && depth <= 16 && !declared && plainExtra) return undefined;
  if (base === 1 && alpha) throw unsupported(`it is grey with alpha in ${kind === 'float' ? 'floats' : `${depth} bits`}, which is not read; save it with 8 or 16 bits`);
  // libvips divides by an alpha of 255.
  if (alpha && depth > 16 && kind !== 'float' && page.extraSamples[0] === 1) throw unsupported(`its colors are multiplied by an alpha of ${depth} bits, which is not read; save it with 8 or 16 bits`);
  const range = declared?.range ?? (kind === 'unsigned' ? [0, 2 ** depth - 1] as [number, number] : undefined);
  if (kind === 'signed' && (!range || range[0] < 0)) throw unsupported(`its samples are signed numbers of ${depth} bits, which have no agreed black and white; save it with 8 or 16 unsigned bits`);
  if (kind === 'signed' && photometric === 0) throw unsupported('its samples are signed, and zero is white, which is not read; save it with 8 or 16 unsigned bits');
  return {
    depth: name, colors: base as 1 | 3, alpha, inverted: photometric === 0 && kind === 'float',
    ...(range && { range }), ...(declared?.guessed && { guessed: true }),
  };
}

const typeNames: Record<string, SampleReading['depth']> = {
  'unsigned 8': 'uchar', 'unsigned 16': 'ushort', 'unsigned 32': 'uint', 'signed 8': 'char', 'signed 16': 'short', 'signed 32': 'int', 'float 16': 'float', 'float 32': 'float',
};

/** Palette, CMYK and YCbCr: as libvips reads them, or not at all. */
function checkPlain({ photometric, kind }: TiffPage, depth: number, plainExtra: boolean): undefined {
  const depths = photometric === 3 ? [1, 2, 4, 8] : photometric === 5 ? [8, 16] : [8];
  const name = { 3: 'a palette', 5: 'CMYK' }[photometric] ?? 'YCbCr';
  if (kind !== 'unsigned' || !depths.includes(depth)) throw unsupported(`its colors are ${name} of ${depth} bits, which is not read; save it as RGB`);
  if (!plainExtra) throw unsupported(`it has bands beside ${name}, which is not read; save it as RGB`);
  return undefined;
}

/**
 * What the file says black and white are. SMinSampleValue and SMaxSampleValue are made for that; MaxSampleValue holds the largest number used and counts
 * only where that is all bits of a lesser depth set, as of 12 in 16.
 */
function rangeOf({ range, largest, kind }: TiffPage, depth: number): { range: [number, number]; guessed?: boolean } | undefined {
  const all = 2 ** depth - 1;
  if (range && range[1] > range[0] && range.every(Number.isFinite)) return kind === 'unsigned' && range[0] === 0 && range[1] === all ? undefined : { range };
  if (kind === 'unsigned' && largest !== undefined && largest < all && largest >= 255 && Number.isInteger(Math.log2(largest + 1))) return { range: [0, largest], guessed: true };
  return undefined;
}
