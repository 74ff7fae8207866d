/** Numbers deeper than eight bits become bytes, with black and white where they were declared. */
import { ImageProblem } from './image-problem.js';
import type { SampleReading } from './tiff-reading.js';

type Numbers = Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | Float32Array;
const arrays = { uchar: Uint8Array, char: Int8Array, ushort: Uint16Array, short: Int16Array, uint: Uint32Array, int: Int32Array, float: Float32Array };

/** Rounding, and the overshoot of a resize, that a float may stand outside 0..1 by. */
const slack = 1e-3;
/** Deeper images that nowhere reach this share of white hold fewer bits than they declare, or are numbers of another kind. */
const leastWhite = 0.25;

/**
 * @param data as libvips gives it, row by row, `channels` numbers a pixel
 * @returns [height, width, colors], uint8: grey or RGB; what is transparent is laid onto white
 * @throws ImageProblem IMAGE_RANGE where nothing says what black and white are
 */
export function bytesOfSamples(data: Buffer<ArrayBuffer>, channels: number, reading: SampleReading): Uint8Array {
  const Numbers = arrays[reading.depth];
  const numbers: Numbers = new Numbers(data.buffer, data.byteOffset, data.byteLength / Numbers.BYTES_PER_ELEMENT);
  const { colors } = reading;
  const alpha = reading.alpha && channels > colors;
  const [low, high] = extremes(numbers, channels, colors);
  const [black, white] = blackAndWhite(reading, low, high, (most) => wereBytes(numbers, channels, colors, most));
  const scale = 255 / (white - black);
  const opaque = reading.depth === 'float' && reading.range === undefined ? 1 : white;
  const bytes = new Uint8Array((numbers.length / channels) * colors);
  for (let from = 0, to = 0; from < numbers.length; from += channels) {
    const cover = alpha ? Math.min(1, Math.max(0, numbers[from + colors]! / opaque)) : 1;
    for (let color = 0; color < colors; color += 1, to += 1) {
      const level = Math.min(255, Math.max(0, (numbers[from + color]! - black) * scale));
      bytes[to] = Math.round((reading.inverted ? 255 - level : level) * cover + 255 * (1 - cover));
    }
  }
  return bytes;
}

/** The least and the largest color of all pixels; NaN where one is no number. */
function extremes(numbers: Numbers, channels: number, colors: number): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (let from = 0; from < numbers.length; from += channels) {
    for (let at = from; at < from + colors; at += 1) {
      const value = numbers[at]!;
      if (value < low) low = value;
      if (value > high) high = value;
      if (value !== value) return [Number.NaN, Number.NaN];
    }
  }
  return [low, high];
}

/**
 * @param white what 255 would be
 * @returns whether all colors are bytes that were given more bits, by repeating theirs or by zeros: however dark, they lie where they should
 */
export function wereBytes(numbers: ArrayLike<number>, channels: number, colors: number, white: number): boolean {
  const allowed = white > 1 ? 0 : slack;
  return [white / 255, ...(white > 1 ? [(white + 1) / 256] : [])].some((step) => {
    for (let from = 0; from < numbers.length; from += channels) {
      for (let at = from; at < from + colors; at += 1) {
        const level = numbers[at]! / step;
        if (Math.abs(level - Math.round(level)) > allowed) return false;
      }
    }
    return true;
  });
}

function blackAndWhite({ range, guessed, depth }: SampleReading, low: number, high: number, sure: (white: number) => boolean): [number, number] {
  if (!Number.isFinite(low) || !Number.isFinite(high)) throw new ImageProblem('IMAGE_RANGE', 'some of its samples are not finite numbers');
  if (!range) {
    if (low < -slack || high > 1 + slack) {
      throw new ImageProblem('IMAGE_RANGE', `its floats go from ${rounded(low)} to ${rounded(high)}, and nothing says what black and white are; scale them to 0..1, or save it with 8 or 16 bits`);
    }
    checkReach(high, 1, 'floats', sure);
    return [0, 1];
  }
  if (guessed && high > range[1]) return blackAndWhite({ range: [0, 65_535], depth, colors: 1, alpha: false, inverted: false }, low, high, sure);
  // A declared range is believed; all bits of a number are only what is assumed without one.
  if (range[0] === 0 && (range[1] === 65_535 || range[1] === 2 ** 32 - 1)) checkReach(high, range[1], 'samples', sure);
  return range;
}

/**
 * @param high the largest number of the image
 * @param sure whether its numbers themselves tell that all bits count
 * @throws ImageProblem IMAGE_RANGE where it is far below what white is: 12 bits kept in 16 would come out almost black
 */
export function checkReach(high: number, white: number, what: string, sure: (white: number) => boolean): void {
  if (high <= 0 || high >= white * leastWhite || (high >= white / 256 && sure(white))) return;
  const bits = white > 1 ? `, as those of ${Math.ceil(Math.log2(high + 1))} bits do` : '';
  throw new ImageProblem('IMAGE_RANGE', `its ${what} reach no further than ${rounded(high)} of ${white}${bits}, and would come out dark; scale them to the whole range, or save it with 8 bits`);
}

function rounded(value: number): string {
  return String(Number(value.toPrecision(4)));
}
