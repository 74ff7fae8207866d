/**
 * Decoding as strictly as a format allows. JPEG and TIFF decoders warn of damage, after which they go on with wrong pixels, and of oddities that harm no
 * pixel; which of the two it was is only in their words, and libvips keeps one list of words for all threads. So whatever fails is looked at once
 * more, alone.
 */
import { messageOf } from './image-problem.js';
import { withoutOwnThreads } from './sharp.js';
import { Slots } from './slots.js';
import type { ImageFormat } from './sniff.js';

export type FailOn = 'truncated' | 'error' | 'warning';

const seats = 2 ** 20;
const room = new Slots(seats);

/** Runs a job of sharp beside others. */
export function beside<T>(job: () => Promise<T>): Promise<T> {
  return room.run(1, () => withoutOwnThreads(job));
}

/** Words of wrong pixels: of libjpeg-turbo and libtiff. A JPEG in one scan may have bytes behind its last block that mean nothing, as many of the web's have. */
const wrongPixels = /bad Huffman code|premature end|found marker|arithmetic code|Bogus|Discarding|Not enough|Decod\w+ error|short by|Corrupt JPEG data: (?!\d+ extraneous)/i;
const leftover = /extraneous bytes before marker/i;

/**
 * @param attempt decodes as strictly as it is told
 * @param several the image is a JPEG in several scans, between which nothing may lie
 * @throws what the attempt throws
 */
export async function strictly<T>(format: ImageFormat, several: boolean, attempt: (failOn: FailOn) => Promise<T>): Promise<T> {
  if (format !== 'jpeg' && format !== 'tiff') return await beside(() => attempt('error'));
  try {
    return await beside(() => attempt('warning'));
  } catch {
    const [value, words] = await room.run(seats, () => withoutOwnThreads(() => attempt('warning')).then((found) => [found, undefined] as const, (error: unknown) => [undefined, messageOf(error)] as const));
    if (words === undefined) return value as T;
    if (wrongPixels.test(words) || ((several || format === 'tiff') && leftover.test(words))) throw new Error(words);
    return await beside(() => attempt('error'));
  }
}
