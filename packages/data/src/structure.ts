/** What a file's bytes tell of damage without a picture being made: whether its end is there, its strips unpack, its frame is full, its numbers reach. */
import { completeness, decodeProblem } from './completeness.js';
import { checkFirstFrame } from './gif.js';
import { truncated } from './image-problem.js';
import type { ImageHeader } from './inspect.js';
import { checkBlocks } from './jpeg-blocks.js';
import { checkDepth } from './open-image.js';
import { checkStrips } from './strips.js';
import { readTiffPage } from './tiff.js';
import { tiffReading } from './tiff-reading.js';

/**
 * @returns whether nothing is left to be said; otherwise only decoding tells
 * @throws ImageProblem
 */
export async function checkStructure(header: ImageHeader, bytes: Buffer, maximumPixels: number): Promise<boolean> {
  const { format } = header;
  const found = completeness(format, bytes);
  if (found === 'cut') throw truncated();
  const page = format === 'tiff' ? readTiffPage(bytes) : undefined;
  if (format === 'gif') checkFirstFrame(bytes);
  if (format === 'jpeg') checkBlocks(bytes);
  if (page) await checkStrips(bytes, page);
  if (isDeep(header, bytes)) {
    await checkDepth(bytes, maximumPixels).catch((error: unknown) => { throw decodeProblem(error, format, bytes); });
  }
  return found === 'whole' && !(page && tiffReading(page));
}

/** Whether the image has 16 bits a sample, of which libvips takes all to count although nothing declares it. */
export function isDeep({ format }: ImageHeader, bytes: Buffer): boolean {
  if (format === 'png') return bytes[24] === 16;
  if (format !== 'tiff') return false;
  const page = readTiffPage(bytes);
  return page.bits[0] === 16 && page.photometric < 3 && page.range?.[1] !== 65_535 && !tiffReading(page);
}
