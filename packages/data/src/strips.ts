/**
 * Whether the strips or tiles of a TIFF's first page unpack to what the page says. The decoder stops once a strip is full, before the checksum that deflate
 * puts behind it, and reads what LZW and PackBits leave out as black.
 */
import { promisify } from 'node:util';
import { createInflate, inflate } from 'node:zlib';
import { ImageProblem, truncated } from './image-problem.js';
import { walkLzw } from './lzw.js';
import { type TiffPage, tiffReachesEnd } from './tiff.js';

const unzip = promisify(inflate);

/** Bytes that are unpacked at once; what is larger goes through in pieces, so that a single strip takes no memory to speak of. */
const atOnce = 16 * 2 ** 20;
/** Bytes of LZW between which others have their turn. */
const walkedAtOnce = 2 ** 20;

/** Lets the event loop go round. */
const turn = promisify(setImmediate);

/** @throws ImageProblem */
export async function checkStrips(bytes: Buffer, page: TiffPage): Promise<void> {
  if (page.offsets.length === 0 || page.byteCounts.length === 0) return;
  const planes = page.planar ? page.bits.length : 1;
  const { tile, width, height } = page;
  const across = tile ? Math.ceil(width / tile.width) : 1;
  const rows = tile ? tile.height : page.rowsPerStrip;
  const down = Math.ceil(height / rows);
  if (!(across > 0 && down > 0)) throw damaged();
  if (page.offsets.length < across * down * planes || page.byteCounts.length < across * down * planes) throw new ImageProblem('IMAGE_CORRUPT', 'it is damaged: some of its strips are not there');
  if (!tiffReachesEnd(page, bytes.length)) throw truncated();
  if (page.fillOrder !== 1) return;
  const sampleBits = page.bits[0]! * (page.planar ? 1 : page.bits.length);
  const rowBytes = Math.ceil(((tile ? tile.width : width) * sampleBits) / 8);
  let walked = 0;
  for (let index = 0; index < across * down * planes; index += 1) {
    if (walked > walkedAtOnce) {
      await turn();
      walked = 0;
    }
    walked += page.byteCounts[index]!;
    const row = Math.floor((index % (across * down)) / across);
    const held = tile ? rows : Math.min(rows, height - row * rows);
    const offset = page.offsets[index]!;
    // A last strip may be filled up to the rows of the others.
    await checkStrip(bytes.subarray(offset, offset + page.byteCounts[index]!), page.compression, held * rowBytes, rows * rowBytes);
  }
}

async function checkStrip(strip: Buffer, compression: number, least: number, most: number): Promise<void> {
  const length = await unpackedLength(strip, compression, most);
  if (length !== undefined && (length < least || length > most)) throw damaged();
}

/** @returns bytes; undefined where only the decoder knows */
async function unpackedLength(strip: Buffer, compression: number, most: number): Promise<number | undefined> {
  switch (compression) {
    case 1: return Math.min(strip.length, most);
    case 8: case 32946: {
      try {
        return most > atOnce ? await inflatedLength(strip, most) : (await unzip(strip, { maxOutputLength: most + 1 })).length;
      } catch (error) {
        throw damaged(error);
      }
    }
    case 5: {
      // Files older than 1992 have their bits the other way round; the decoder knows them.
      if (strip[0] === 0 && (strip[1] ?? 0) & 1) return undefined;
      const { values, stopped } = walkLzw(strip, { valueBits: 8, mostSignificantFirst: true }, most);
      if (stopped === 'wrong') throw damaged();
      return values;
    }
    case 32773: return packBitsLength(strip);
    default: return undefined;
  }
}

/** @returns bytes, counted up to one piece more than `most` */
async function inflatedLength(strip: Buffer, most: number): Promise<number> {
  const unzipping = createInflate();
  let length = 0;
  unzipping.end(strip);
  for await (const piece of unzipping as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > most) break;
  }
  return length;
}

function packBitsLength(strip: Buffer): number {
  let [at, length] = [0, 0];
  while (at < strip.length) {
    const code = strip.readInt8(at);
    if (code === -128) {
      at += 1;
      continue;
    }
    const literal = code >= 0;
    const count = Math.abs(code) + 1;
    at += 1 + (literal ? count : 1);
    if (at > strip.length) throw damaged();
    length += count;
  }
  return length;
}

function damaged(cause?: unknown): ImageProblem {
  return new ImageProblem('IMAGE_CORRUPT', 'it is damaged: a strip of it cannot be unpacked', cause);
}
