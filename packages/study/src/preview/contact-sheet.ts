import { createRequire } from 'node:module';
import type sharpModule from 'sharp';

// Not as an ES module: packages/data/src/sharp.ts says why.
const sharp = createRequire(import.meta.url)('sharp') as typeof sharpModule;

/** Pixels between tiles, and behind the originals. */
const gap = 4;
const behindOriginals = 12;
const paper = { r: 255, g: 255, b: 255 };

/** A picture of rows of square images. */
export interface ContactSheet {
  png: Uint8Array;
  /** Pixels. */
  width: number;
  height: number;
}

/**
 * Lays images out in a grid: a row for each, its first tile set off from the others.
 * @param rows tiles of [size, size, 3], uint8, RGB; as many in each row
 */
export async function contactSheet(rows: readonly (readonly Uint8Array[])[], size: number): Promise<ContactSheet> {
  const columns = rows[0]!.length;
  const left = (column: number) => gap + column * (size + gap) + (column > 0 ? behindOriginals : 0);
  const width = left(columns);
  const height = gap + rows.length * (size + gap);
  const tiles = rows.flatMap((row, index) => row.map((tile, column) => ({
    input: Buffer.from(tile.buffer, tile.byteOffset, tile.byteLength), raw: { width: size, height: size, channels: 3 as const }, left: left(column), top: gap + index * (size + gap),
  })));
  const png = await sharp({ create: { width, height, channels: 3, background: paper } }).composite(tiles).png({ compressionLevel: 9 }).toBuffer();
  return { png: new Uint8Array(png), width, height };
}
