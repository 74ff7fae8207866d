/**
 * sharp through its CommonJS entry: its ES modules import JSON, which Node 20.9 cannot read, and of which Node 20.10 and 22.0 print a
 * warning on the user's terminal.
 */
import { createRequire } from 'node:module';
import type sharpModule from 'sharp';

export const sharp = createRequire(import.meta.url)('sharp') as typeof sharpModule;

let working = 0;
let before: { cache: ReturnType<typeof sharp.cache>; concurrency: number } | undefined;

/**
 * Has libvips work without its own threads and its cache of operations: images are decoded many at a time, one thread each, and none is
 * asked for twice, so both would only cost memory. They are settings of the whole process, in which others may use sharp: once nothing of
 * ours is in work, they are what they were.
 */
export async function withoutOwnThreads<Result>(work: () => Promise<Result>): Promise<Result> {
  if (working === 0) {
    before = { cache: sharp.cache(), concurrency: sharp.concurrency() };
    sharp.cache(false);
    sharp.concurrency(1);
  }
  working += 1;
  try {
    return await work();
  } finally {
    working -= 1;
    if (working === 0 && before) {
      const { cache: { memory, files, items }, concurrency } = before;
      // What somebody else has set meanwhile is his.
      if (sharp.concurrency() === 1) sharp.concurrency(concurrency);
      if (sharp.cache().items.max === 0) sharp.cache({ memory: memory.max, files: files.max, items: items.max });
    }
  }
}
