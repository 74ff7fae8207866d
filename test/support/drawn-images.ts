/** Tiny datasets, drawn: stripes, discs and checks of any colour on any ground, each image different, the same each time. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';

export const drawnClasses = ['checks', 'discs', 'stripes'] as const;
type DrawnClass = (typeof drawnClasses)[number];

/** Small multiplicative generator (Lehmer): tests need the same numbers everywhere, not good ones. */
function sequence(seed: number): () => number {
  let state = (seed * 7919 + 17) % 2147483647;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}

function inside(kind: DrawnClass, x: number, y: number, width: number, shift: number, side: number): boolean {
  if (kind === 'stripes') return Math.floor((x + y / 4 + shift) / width) % 2 === 0;
  if (kind === 'checks') return (Math.floor((x + shift) / width) + Math.floor((y + shift) / width)) % 2 === 0;
  return Math.hypot(x - side / 2 - shift / 2, y - side / 2 + shift / 2) < width * 1.8;
}

/** One image as PNG. @param seed another seed, another image */
export async function drawnImage(kind: DrawnClass, seed: number, side = 64): Promise<Buffer> {
  const random = sequence(seed + 1000 * drawnClasses.indexOf(kind));
  const width = 6 + random() * 6;
  const shift = random() * 10 - 5;
  const ground = [0, 1, 2].map(() => random() * 255);
  const ink = ground.map((value) => (value + 90 + random() * 70) % 256);
  const pixels = new Uint8Array(side * side * 3);
  for (let y = 0; y < side; y += 1) {
    for (let x = 0; x < side; x += 1) {
      const colour = inside(kind, x, y, width, shift + 40, side) ? ink : ground;
      for (let channel = 0; channel < 3; channel += 1) {
        pixels[(y * side + x) * 3 + channel] = Math.max(0, Math.min(255, (colour[channel] ?? 0) + random() * 24 - 12));
      }
    }
  }
  return sharp(pixels, { raw: { width: side, height: side, channels: 3 } }).png().toBuffer();
}

/** Writes a folder of class folders. @returns its path */
export async function drawDataset(folder: string, options: { perClass?: number; classes?: readonly DrawnClass[]; from?: number } = {}): Promise<string> {
  const { perClass = 12, classes = drawnClasses, from = 0 } = options;
  for (const kind of classes) {
    mkdirSync(join(folder, kind), { recursive: true });
    for (let index = 0; index < perClass; index += 1) {
      writeFileSync(join(folder, kind, `${String(index).padStart(3, '0')}.png`), await drawnImage(kind, from + index));
    }
  }
  return folder;
}
