/**
 * Datasets of many classes that nothing is needed for from outside: drawn, seeded. A class is a ground of stripes in two colors and a figure on it with so many
 * corners; the images of a class differ in place, size, turn, light and noise of the camera.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createRandom } from '@cultivar/kernel';
import sharp from 'sharp';

const side = 96;
/** Images that are compressed at the same time. */
const together = 64;

/** Makes class folders with so many JPEG files each. */
export async function drawClasses(folder, classes, images) {
  const random = createRandom(0).child('drawn classes');
  let underWay = [];
  for (let number = 0; number < classes; number += 1) {
    const name = `class-${String(number).padStart(4, '0')}`;
    mkdirSync(join(folder, name), { recursive: true });
    const own = random.child(name);
    const kind = drawKind(own);
    for (let image = 0; image < images; image += 1) {
      const pixels = draw(kind, own.child(image));
      underWay.push(sharp(pixels, { raw: { width: side, height: side, channels: 3 } }).jpeg({ quality: 90 }).toFile(join(folder, name, `${image}.jpg`)));
      if (underWay.length < together) continue;
      await Promise.all(underWay);
      underWay = [];
    }
  }
  await Promise.all(underWay);
}

const between = (random, low, high) => low + (high - low) * random.uniform();
const color = (random) => [0, 1, 2].map(() => between(random, 20, 235));

/** What all images of a class share. */
function drawKind(random) {
  return {
    ground: [color(random), color(random)], stripes: between(random, 1, 9), direction: between(random, 0, Math.PI), sharpness: between(random, 0.5, 6),
    fill: color(random), edge: color(random), corners: 2 + random.integer(7), depth: between(random, 0.05, 0.5), rim: between(random, 0.05, 0.4),
  };
}

/** @returns one image, [side, side, 3] bytes */
function draw({ ground, stripes, direction, sharpness, fill, edge, corners, depth, rim }, random) {
  const [x, y] = [between(random, 0.35, 0.65), between(random, 0.35, 0.65)];
  const [radius, turn, phase] = [between(random, 0.18, 0.32), between(random, 0, 2 * Math.PI), between(random, 0, 2 * Math.PI)];
  const angle = direction + 0.15 * random.normal();
  const light = [0, 1, 2].map(() => 1 + 0.12 * random.normal());
  const [along, across] = [Math.cos(angle), Math.sin(angle)];
  const bytes = new Uint8Array(side * side * 3);
  for (let row = 0, at = 0; row < side; row += 1) {
    for (let column = 0; column < side; column += 1, at += 3) {
      const [u, v] = [column / side, row / side];
      const wave = 1 / (1 + Math.exp(-sharpness * Math.sin(2 * Math.PI * stripes * (u * along + v * across) + phase)));
      const outline = radius * (1 + depth * Math.cos(corners * (Math.atan2(v - y, u - x) + turn)));
      const distance = Math.hypot(u - x, v - y) / outline;
      const paint = distance > 1 ? undefined : distance > 1 - rim ? edge : fill;
      const noise = 50 * (random.uniform() - 0.5);
      for (let channel = 0; channel < 3; channel += 1) {
        const value = paint ? paint[channel] : ground[0][channel] + wave * (ground[1][channel] - ground[0][channel]);
        bytes[at + channel] = Math.min(255, Math.max(0, light[channel] * value + noise));
      }
    }
  }
  return bytes;
}
