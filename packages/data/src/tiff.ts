/** The tags of a TIFF's first page: what its numbers are, and where they lie. After Adobe's TIFF 6.0 (1992) and the BigTIFF extension. */
import { ImageProblem, truncated } from './image-problem.js';

/** How a number of a TIFF is to be understood. Complex and undefined ones are not read. */
export type SampleKind = 'unsigned' | 'signed' | 'float' | 'other';

export interface TiffPage {
  width: number;
  height: number;
  /** Bits of each sample of a pixel. */
  bits: number[];
  kind: SampleKind;
  /** PhotometricInterpretation: 0 white is zero, 1 black is zero, 2 RGB, 3 palette, 5 CMYK, 6 YCbCr, 8 CIELab; others are not read. */
  photometric: number;
  compression: number;
  /** Of each sample beyond the colour: 0 unspecified, 1 associated alpha, 2 unassociated alpha. */
  extraSamples: number[];
  /** SMinSampleValue and SMaxSampleValue, where both are there: what black and white are. */
  range?: [black: number, white: number];
  /** MaxSampleValue, where it is there. */
  largest?: number;
  /** Samples of a pixel lie apart, one plane each. */
  planar: boolean;
  predictor: number;
  fillOrder: number;
  /** Rows of a strip, or the sides of a tile. */
  tile?: { width: number; height: number };
  rowsPerStrip: number;
  /** Where strips or tiles lie, plane by plane. */
  offsets: number[];
  byteCounts: number[];
  /** A small copy of an image that lies elsewhere, as raw files of cameras have it first. */
  reduced: boolean;
  dng: boolean;
}

/** Bytes of the field types, by number; 0 for those that are not there. */
const typeSizes = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8];
/** More values than any page has strips: a count above it is damage. */
const mostValues = 4_000_000;

/**
 * @throws ImageProblem where the first page's tags do not lie in the file or are none
 */
export function readTiffPage(bytes: Buffer): TiffPage {
  const reader = new FieldReader(bytes);
  const one = (tag: number, missing: number) => reader.values(tag)?.[0] ?? missing;
  const [width, height] = [one(256, 0), one(257, 0)];
  if (!(width > 0 && height > 0)) throw new ImageProblem('IMAGE_CORRUPT', 'it has no pixels');
  const samples = one(277, 1);
  const bits = reader.values(258) ?? [1];
  const formats = reader.values(339) ?? [1];
  const [black, white] = [reader.values(340)?.[0], reader.values(341)?.[0]];
  const largest = reader.values(281)?.[0];
  const tiled = reader.values(322) !== undefined;
  return {
    width, height,
    bits: Array.from({ length: Math.min(samples, 4096) }, (_, index) => bits[index] ?? bits[0]!),
    kind: formats.every((format) => format === formats[0]) ? kinds[formats[0]!] ?? 'other' : 'other',
    photometric: one(262, 1),
    compression: one(259, 1),
    extraSamples: reader.values(338) ?? [],
    ...(black !== undefined && white !== undefined && { range: [black, white] as [number, number] }),
    ...(largest !== undefined && { largest }),
    planar: one(284, 1) === 2 && samples > 1,
    predictor: one(317, 1),
    fillOrder: one(266, 1),
    ...(tiled && { tile: { width: one(322, 0), height: one(323, 0) } }),
    rowsPerStrip: Math.min(one(278, height), height) || height,
    offsets: reader.values(tiled ? 324 : 273) ?? [],
    byteCounts: reader.values(tiled ? 325 : 279) ?? [],
    reduced: (one(254, 0) & 1) === 1,
    dng: reader.values(50706) !== undefined,
  };
}

/** SampleFormat. 4, "undefined", is what the oldest writers say of plain numbers. */
const kinds: Record<number, SampleKind> = { 1: 'unsigned', 2: 'signed', 3: 'float', 4: 'unsigned' };

interface Field {
  type: number;
  count: number;
  /** Where the values lie. */
  at: number;
}

/** Finds the fields of the first directory, of either byte order, in classic and in BigTIFF files. */
class FieldReader {
  private readonly fields = new Map<number, Field>();
  private readonly little: boolean;
  private readonly view: DataView;

  constructor(bytes: Buffer) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.little = bytes[0] === 0x49;
    if (bytes.length < 8) throw truncated();
    const big = this.view.getUint16(2, this.little) === 43;
    if (big && bytes.length < 16) throw truncated();
    const directory = big ? this.uint64(8) : this.view.getUint32(4, this.little);
    const [countBytes, entryBytes, inline] = big ? [8, 20, 8] : [2, 12, 4];
    if (directory + countBytes > bytes.length) throw truncated();
    const count = big ? this.uint64(directory) : this.view.getUint16(directory, this.little);
    if (directory + countBytes + count * entryBytes > bytes.length) throw truncated();
    for (let index = 0, at = directory + countBytes; index < count; index += 1, at += entryBytes) {
      const type = this.view.getUint16(at + 2, this.little);
      const values = big ? this.uint64(at + 4) : this.view.getUint32(at + 4, this.little);
      const place = at + entryBytes - inline;
      const size = (typeSizes[type] ?? 0) * values;
      const from = size <= inline ? place : big ? this.uint64(place) : this.view.getUint32(place, this.little);
      const tag = this.view.getUint16(at, this.little);
      if (!this.fields.has(tag)) this.fields.set(tag, { type, count: values, at: from });
    }
  }

  /** @returns the numbers of a field; undefined where it is not there or holds none */
  values(tag: number): number[] | undefined {
    const field = this.fields.get(tag);
    const size = typeSizes[field?.type ?? 0] ?? 0;
    if (!field || size === 0 || field.count === 0) return undefined;
    if (field.count > mostValues) throw new ImageProblem('IMAGE_CORRUPT', `it is damaged: its tag ${tag} counts ${field.count} values`);
    if (field.at + size * field.count > this.view.byteLength) throw truncated();
    return Array.from({ length: field.count }, (_, index) => this.number(field.type, field.at + index * size));
  }

  private number(type: number, at: number): number {
    const { view, little } = this;
    switch (type) {
      case 1: case 2: case 7: return view.getUint8(at);
      case 3: return view.getUint16(at, little);
      case 4: case 13: return view.getUint32(at, little);
      case 5: return view.getUint32(at, little) / view.getUint32(at + 4, little);
      case 6: return view.getInt8(at);
      case 8: return view.getInt16(at, little);
      case 9: return view.getInt32(at, little);
      case 10: return view.getInt32(at, little) / view.getInt32(at + 4, little);
      case 11: return view.getFloat32(at, little);
      case 12: return view.getFloat64(at, little);
      case 17: return Number(view.getBigInt64(at, little));
      default: return this.uint64(at);
    }
  }

  private uint64(at: number): number {
    return Number(this.view.getBigUint64(at, this.little));
  }
}

/** @returns whether all strips or tiles lie within the file */
export function tiffReachesEnd({ offsets, byteCounts }: TiffPage, length: number): boolean {
  return offsets.every((offset, index) => offset + (byteCounts[index] ?? 0) <= length);
}
