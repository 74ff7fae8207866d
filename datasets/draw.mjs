// Draws the sample dataset: photographs, so to speak, of leaves of five kinds, told apart by shape and by nothing else.
//
//   node datasets/draw.mjs --out datasets/leaves --seed 1 [--per-class 100]
//
// Colour, size, place, turn, light, ground and clutter are drawn from the same distributions for every class; only the
// outline and the veins differ. The same seed gives the same pixels (JPEG bytes may differ between versions of sharp).

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';

// ---- chance -------------------------------------------------------------------------------------------------------

/** mulberry32, with a few distributions on top */
function generator(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (low, high) => low + (high - low) * next();
  return {
    next,
    between,
    whole: (low, high) => Math.floor(between(low, high + 1)),
    pick: (list) => list[Math.floor(next() * list.length)],
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    chance: (p) => next() < p,
  };
}

/** a seed of its own for each image, so that one image can be drawn without the others (FNV-1a) */
function seedOf(...parts) {
  let hash = 0x811c9dc5;
  for (const character of parts.join('/')) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
  return hash >>> 0;
}

// ---- leaves: an outline (closed polygons, stem at the bottom, tip up, y downwards) and veins ------------------------

const mirrored = (side) => [...side, ...side.map(([x, y]) => [-x, y]).reverse()];

/** lobes with pointed tips and teeth between deep bays */
function maple(random) {
  const lobes = [
    [-0.5, 0.34, 0.55],
    [0, 0.62, 0.85],
    [0.52, 0.3, 1],
  ]; // for one side: direction as a share of a right angle from horizontal, bay depth after it, length
  const side = [[0.03, 0.42]];
  lobes.forEach(([direction, bay, length], i) => {
    const angle = i === 2 ? Math.PI / 2 : (direction * 0.75 + 0.28) * (Math.PI / 2);
    const reach = length * random.between(0.92, 1.08);
    const along = (r, turn) => [r * Math.cos(angle + turn), 0.25 - r * Math.sin(angle + turn)];
    side.push(along(reach * 0.55, -0.3), along(reach * 0.72, -0.33), along(reach * 0.76, -0.16));
    side.push(i === 2 ? [0, 0.25 - reach] : along(reach, 0));
    if (i < 2) {
      side.push(along(reach * 0.76, 0.16), along(reach * 0.72, 0.33), along(reach * 0.5, 0.3));
      side.push(along(0.36 + 0.06 * bay, 0.44));
    }
  });
  const veins = [-0.095, 0.28, 1].flatMap((share) => {
    const angle = share * (Math.PI / 2);
    const end = (sign) => [sign * 0.7 * Math.cos(angle), 0.3 - 0.7 * Math.sin(angle)];
    return [[[0, 0.4], end(1)], [[0, 0.4], end(-1)]];
  });
  return { outlines: [mirrored(side)], veins };
}

/** long, with rounded lobes along both sides */
function oak(random) {
  const lobes = random.whole(3, 4) + 0.5;
  const width = random.between(0.54, 0.64);
  const depth = random.between(0.28, 0.38);
  const sides = [1, -1].map((sign) => {
    const phase = random.between(-0.6, 0.6);
    return Array.from({ length: 61 }, (_, i) => {
      const t = i / 60;
      const envelope = width * Math.sin(Math.PI * (0.06 + 0.94 * t) ** 1.35) ** 0.65;
      return [sign * envelope * (1 - depth + depth * Math.cos(2 * Math.PI * (lobes * t + 0.5) + phase)), 0.95 - 1.9 * t];
    });
  });
  const veins = [[[0, 0.95], [0, -0.85]]];
  for (let k = 0; k < lobes - 1; k++) {
    const y = 0.95 - (1.9 * (k + 0.5)) / lobes;
    for (const sign of [1, -1]) veins.push([[0, y + 0.15], [sign * 0.5, y - 0.08]]);
  }
  return { outlines: [[...sides[0], ...sides[1].reverse()]], veins };
}

/** a fan, notched, veined from its foot */
function ginkgo(random) {
  const spread = random.between(0.95, 1.25);
  const notch = random.between(0.15, 0.45);
  const wave = random.between(0.015, 0.035);
  const waves = random.whole(9, 15);
  const radius = (a) => 1.45 * (1 - notch * Math.exp(-((a / 0.07) ** 2)) + wave * Math.sin(waves * a * 2 + 1)) * (1 - 0.12 * (a / spread) ** 2);
  const at = (a, r) => [r * Math.sin(a), 0.8 - r * Math.cos(a)];
  const outline = [[0, 0.8]];
  for (let i = 1; i < 5; i++) outline.push(at(-spread * (0.72 + 0.07 * i), radius(-spread) * (i / 5)));
  for (let i = 0; i <= 60; i++) outline.push(at(spread * (i / 30 - 1), radius(spread * (i / 30 - 1))));
  for (let i = 4; i > 0; i--) outline.push(at(spread * (0.72 + 0.07 * i), radius(spread) * (i / 5)));
  const veins = Array.from({ length: 17 }, (_, i) => {
    const a = spread * 0.92 * (i / 8 - 1);
    return [[0, 0.8], at(a, radius(a) * 0.93)];
  });
  return { outlines: [outline], veins };
}

/** egg-shaped with a drawn-out tip and a sawn edge */
function birch(random) {
  const teeth = random.whole(11, 16);
  const low = random.between(0.3, 0.4);
  const width = random.between(0.62, 0.76);
  const side = [];
  for (let i = 0; i <= 6 * teeth; i++) {
    const t = i / (6 * teeth);
    const envelope = t < low ? Math.sin((t / low) * (Math.PI / 2)) ** 0.8 : Math.cos(((t - low) / (1 - low)) * (Math.PI / 2)) ** 1.25;
    const saw = 1 - 0.11 * ((t * teeth) % 1);
    side.push([width * envelope * saw, 0.9 - 1.8 * t]);
  }
  const veins = [[[0, 0.9], [0, -0.8]]];
  for (let k = 0; k < 7; k++) {
    const y = 0.65 - 0.2 * k;
    const reach = width * (k < 2 ? 0.75 : 0.85 - 0.11 * (k - 1));
    for (const sign of [1, -1]) veins.push([[0, y], [sign * reach, y - 0.28]]);
  }
  return { outlines: [mirrored(side)], veins };
}

/** a frond: pairs of leaflets along a bent stalk */
function fern(random) {
  const pairs = random.whole(9, 13);
  const bend = random.between(-0.25, 0.25);
  const slant = random.between(0.25, 0.6);
  const stalk = (t) => [bend * (t - 0.5) ** 2 * 4 - bend / 2, 1 - 2 * t];
  const outlines = [];
  const line = [];
  for (let k = 0; k <= pairs; k++) {
    const t = 0.1 + 0.88 * (k / pairs);
    const [x, y] = stalk(t);
    line.push([x, y]);
    const length = 0.72 * Math.sin(Math.PI * (0.22 + 0.74 * (1 - (1 - t) ** 1.3))) ** 0.9 + 0.05;
    const thick = 0.62 / pairs;
    for (const sign of [1, -1]) {
      const angle = slant + random.between(-0.08, 0.08);
      const point = (u, v) => [x + sign * (u * Math.cos(angle) + v * Math.sin(angle)), y - u * Math.sin(angle) + v * Math.cos(angle)];
      const upper = [];
      const lower = [];
      for (let i = 0; i <= 8; i++) {
        const u = i / 8;
        const half = thick * (0.55 + 0.45 * Math.sin(Math.PI * u)) * (1 - u ** 4) * (1 + 0.18 * (i % 2 ? 1 : -1));
        upper.push(point(u * length, -half));
        lower.push(point(u * length, half));
      }
      outlines.push([...upper, ...lower.reverse()]);
    }
  }
  const veins = [[stalk(0), ...line]];
  return { outlines, veins };
}

const KINDS = { birch, fern, ginkgo, maple, oak };

const area = (outline) =>
  Math.abs(outline.reduce((sum, [x, y], i) => {
    const [nextX, nextY] = outline[(i + 1) % outline.length];
    return sum + x * nextY - nextX * y;
  }, 0)) / 2;

// ---- colours --------------------------------------------------------------------------------------------------------

const rgb = ([r, g, b]) => `rgb(${[r, g, b].map((v) => Math.round(Math.max(0, Math.min(255, v)))).join(',')})`;
const mix = (a, b, t) => a.map((v, i) => v + (b[i] - v) * t);
const vary = (colour, random, amount) => {
  const light = random.normal() * amount;
  return colour.map((v) => v + light + random.normal() * amount * 0.4);
};

const LEAF = [[70, 120, 45], [95, 140, 60], [50, 95, 50], [140, 150, 60], [205, 170, 55], [200, 120, 45], [165, 65, 45], [130, 90, 55]];
const GROUND = {
  soil: [[95, 72, 52], [60, 48, 40], [125, 100, 75]],
  stone: [[140, 138, 132], [105, 108, 112], [175, 170, 160]],
  wood: [[150, 112, 75], [110, 80, 55], [185, 150, 110]],
  grass: [[85, 115, 55], [60, 90, 45], [125, 140, 75]],
  snow: [[215, 220, 228], [190, 198, 210], [235, 232, 225]],
  litter: [[150, 105, 60], [120, 70, 45], [170, 140, 70]],
};

// ---- the ground: octaves of value noise -----------------------------------------------------------------------------

function noise(random, width, height, cellX, cellY) {
  const columns = Math.ceil(width / cellX) + 2;
  const rows = Math.ceil(height / cellY) + 2;
  const lattice = Float64Array.from({ length: columns * rows }, () => random.next() * 2 - 1);
  const smooth = (t) => t * t * (3 - 2 * t);
  const values = new Float64Array(width * height);
  for (let y = 0; y < height; y++) {
    const v = y / cellY;
    const row = Math.floor(v);
    const fy = smooth(v - row);
    for (let x = 0; x < width; x++) {
      const u = x / cellX;
      const column = Math.floor(u);
      const fx = smooth(u - column);
      const at = row * columns + column;
      const top = lattice[at] + (lattice[at + 1] - lattice[at]) * fx;
      const bottom = lattice[at + columns] + (lattice[at + columns + 1] - lattice[at + columns]) * fx;
      values[y * width + x] = top + (bottom - top) * fy;
    }
  }
  return values;
}

function ground(random, width, height) {
  const name = random.pick(Object.keys(GROUND));
  const colours = GROUND[name].map((colour) => vary(colour, random, 14));
  const cell = random.between(30, 70);
  const stretch = name === 'wood' ? random.between(6, 12) : 1;
  const fields = [1, 0.4, 0.15, 0.06].map((share) => noise(random, width, height, Math.max(1.5, cell * share * stretch), Math.max(1.5, cell * share)));
  const hues = noise(random, width, height, cell * 1.3, cell * 1.3);
  const roughness = random.between(8, 26);
  const pixels = new Float64Array(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    const value = 0.5 * fields[0][i] + 0.5 * fields[1][i] + 0.45 * fields[2][i] + 0.35 * fields[3][i];
    const colour = mix(colours[0], hues[i] > 0 ? colours[1] : colours[2], Math.min(1, Math.abs(hues[i]) * 1.5));
    for (let c = 0; c < 3; c++) pixels[3 * i + c] = colour[c] + roughness * value;
  }
  return { pixels, colour: colours[0] };
}

// ---- the picture ------------------------------------------------------------------------------------------------------

const path = (points, close = true) =>
  `M${points.map(([x, y]) => `${x.toFixed(3)} ${y.toFixed(3)}`).join('L')}${close ? 'Z' : ''}`;

/** blades, twigs, pebbles and scraps: of no class, in any colour a leaf may have */
function clutter(random, width, height, count, longest) {
  let svg = '';
  for (let i = 0; i < count; i++) {
    const x = random.between(0, width);
    const y = random.between(0, height);
    const colour = rgb(vary(random.pick([...LEAF, ...GROUND.soil, ...GROUND.stone]), random, 18));
    const turn = random.between(0, 360);
    const size = random.between(0.3, 1) * longest;
    const shape = random.pick(['blade', 'twig', 'pebble', 'scrap']);
    const place = `transform="translate(${x.toFixed(1)} ${y.toFixed(1)}) rotate(${turn.toFixed(1)})"`;
    if (shape === 'blade') svg += `<path ${place} d="M0 0Q${(size * 0.6).toFixed(1)} ${(size * random.between(-0.4, 0.4)).toFixed(1)} ${size.toFixed(1)} 0" stroke="${colour}" stroke-width="${random.between(1, 3.5).toFixed(1)}" fill="none"/>`;
    else if (shape === 'twig') svg += `<path ${place} d="M0 0L${(size * 0.5).toFixed(1)} ${(size * 0.08).toFixed(1)}L${size.toFixed(1)} 0M${(size * 0.5).toFixed(1)} ${(size * 0.08).toFixed(1)}l${(size * 0.25).toFixed(1)} ${(size * 0.25).toFixed(1)}" stroke="${colour}" stroke-width="${random.between(1.5, 4).toFixed(1)}" fill="none"/>`;
    else if (shape === 'pebble') svg += `<ellipse ${place} rx="${(size * 0.22).toFixed(1)}" ry="${(size * 0.15).toFixed(1)}" fill="${colour}" stroke="rgba(0,0,0,0.3)"/>`;
    else {
      const corners = random.whole(3, 7);
      const points = Array.from({ length: corners }, (_, k) => {
        const a = (2 * Math.PI * k) / corners;
        const r = size * random.between(0.12, 0.35);
        return [r * Math.cos(a), r * Math.sin(a)];
      });
      svg += `<path ${place} d="${path(points)}" fill="${colour}" stroke="rgba(0,0,0,0.2)"/>`;
    }
  }
  return svg;
}

const lightness = ([r, g, b]) => 0.3 * r + 0.59 * g + 0.11 * b;

function leaf(random, kind, width, height, groundColour) {
  const { outlines, veins } = KINDS[kind](random);
  const jitter = random.between(0.004, 0.016);
  const shaken = outlines.map((outline) => outline.map(([x, y]) => [x + random.normal() * jitter, y + random.normal() * jitter]));
  // every kind covers the same share of the picture
  const covered = random.between(0.28, 0.46) * width * height;
  const scale = Math.sqrt(covered / shaken.reduce((sum, outline) => sum + area(outline), 0));
  const squeeze = random.between(0.85, 1);
  const turn = random.normal() * 18;
  const skew = random.between(-10, 10);
  const x = width * random.between(0.42, 0.58);
  const y = height * random.between(0.42, 0.58);
  const place = `translate(${x.toFixed(1)} ${y.toFixed(1)}) rotate(${turn.toFixed(1)}) skewX(${skew.toFixed(1)}) scale(${(scale * squeeze).toFixed(2)} ${(scale / squeeze).toFixed(2)})`;
  // a leaf that cannot be told from the ground is nobody's example: the lightness has to differ
  let colour;
  do colour = vary(random.pick(LEAF), random, 25);
  while (Math.abs(lightness(colour) - lightness(groundColour)) < 45);
  const other = vary(mix(colour, random.pick(LEAF), random.between(0, 0.35)), random, 10);
  const shape = shaken.map((outline) => path(outline)).join('');
  const stroke = random.between(0.8, 1.8) / scale;
  const veinColour = random.chance(0.5) ? mix(colour, [255, 255, 220], random.between(0.2, 0.5)) : mix(colour, [30, 20, 10], random.between(0.2, 0.5));
  const stalkEnd = [random.between(-0.15, 0.15), 1.35];
  const foot = veins[0][0];
  let spots = '';
  for (let i = random.whole(0, 4); i > 0; i--) {
    spots += `<circle cx="${random.between(-0.7, 0.7).toFixed(2)}" cy="${random.between(-0.8, 0.8).toFixed(2)}" r="${random.between(0.02, 0.12).toFixed(3)}" fill="${rgb(vary(mix(colour, random.pick(LEAF), 0.7), random, 20))}" opacity="0.7"/>`;
  }
  const shadow = random.between(0, 0.06);
  const a = random.between(0, 2 * Math.PI);
  return `<defs>
    <linearGradient id="blade" x1="0" y1="0" x2="${random.between(0, 1).toFixed(2)}" y2="1"><stop offset="0" stop-color="${rgb(colour)}"/><stop offset="1" stop-color="${rgb(other)}"/></linearGradient>
    <clipPath id="inside"><path d="${shape}"/></clipPath></defs>
    <g transform="translate(${(shadow * width * Math.cos(a)).toFixed(1)} ${(shadow * height * Math.sin(a)).toFixed(1)})" opacity="${random.between(0.15, 0.5).toFixed(2)}"><path transform="${place}" d="${shape}" fill="black"/></g>
    <g transform="${place}">
    <path d="M${foot[0].toFixed(3)} ${foot[1].toFixed(3)}Q0 1.15 ${stalkEnd[0].toFixed(3)} ${stalkEnd[1]}" stroke="${rgb(veinColour)}" stroke-width="${(0.05).toFixed(3)}" fill="none"/>
    <path d="${shape}" fill="url(#blade)" stroke="${rgb(mix(colour, [20, 20, 10], random.between(0, 0.5)))}" stroke-width="${stroke.toFixed(4)}" stroke-linejoin="round"/>
    <g clip-path="url(#inside)">${spots}<path d="${veins.map((vein) => path(vein, false)).join('')}" stroke="${rgb(veinColour)}" stroke-width="${(random.between(1.2, 2.4) / scale).toFixed(4)}" fill="none" opacity="${random.between(0.6, 1).toFixed(2)}"/></g>
    </g>`;
}

async function rendered(svg, width, height, blur = 0) {
  const document = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${svg}</svg>`;
  let image = sharp(Buffer.from(document)).ensureAlpha();
  if (blur) image = image.blur(blur);
  return image.raw().toBuffer();
}

function lay(pixels, layer) {
  for (let i = 0; i < layer.length / 4; i++) {
    const opacity = layer[4 * i + 3] / 255;
    for (let c = 0; c < 3; c++) pixels[3 * i + c] += (layer[4 * i + c] - pixels[3 * i + c]) * opacity;
  }
}

/** a slope of light, a tint, sometimes a shadow's edge, gain and noise */
function light(random, pixels, width, height) {
  const angle = random.between(0, 2 * Math.PI);
  const slope = random.between(0, 0.45);
  const gain = random.between(0.7, 1.2);
  const warmth = random.normal() * 0.07;
  const tint = [1 + warmth, 1, 1 - warmth];
  const edge = random.chance(0.35) ? { at: random.between(-0.3, 0.3), depth: random.between(0.45, 0.8), angle: random.between(0, 2 * Math.PI) } : null;
  const grain = random.between(1, 7);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const u = x / width - 0.5;
      const v = y / height - 0.5;
      let level = gain * (1 + slope * (u * Math.cos(angle) + v * Math.sin(angle)));
      if (edge) {
        const across = (u * Math.cos(edge.angle) + v * Math.sin(edge.angle) - edge.at) / 0.06;
        level *= 1 - (1 - edge.depth) / (1 + Math.exp(-across));
      }
      const speck = random.normal() * grain;
      for (let c = 0; c < 3; c++) {
        const i = 3 * (y * width + x) + c;
        pixels[i] = pixels[i] * level * tint[c] + speck + random.normal() * grain * 0.4;
      }
    }
  }
}

async function photograph(kind, seed) {
  const random = generator(seed);
  const width = random.whole(150, 190);
  const height = random.whole(150, 190);
  const { pixels, colour } = ground(random, width, height);
  lay(pixels, await rendered(clutter(random, width, height, random.whole(2, 10), 60), width, height, random.chance(0.5) ? random.between(0.5, 2) : 0));
  lay(pixels, await rendered(leaf(random, kind, width, height, colour), width, height));
  lay(pixels, await rendered(clutter(random, width, height, random.whole(0, 2), 45), width, height));
  light(random, pixels, width, height);
  let image = sharp(Buffer.from(Uint8ClampedArray.from(pixels)), { raw: { width, height, channels: 3 } });
  if (random.chance(0.3)) image = image.blur(random.between(0.4, 1));
  return image.jpeg({ quality: random.whole(60, 85) }).toBuffer();
}

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'datasets/leaves' },
    seed: { type: 'string', default: '1' },
    'per-class': { type: 'string', default: '100' },
  },
});
for (const kind of Object.keys(KINDS)) {
  await mkdir(join(values.out, kind), { recursive: true });
  for (let n = 1; n <= Number(values['per-class']); n++) {
    const name = `${String(n).padStart(3, '0')}.jpg`;
    await writeFile(join(values.out, kind, name), await photograph(kind, seedOf(values.seed, kind, n)));
  }
}
