/**
 * Damaged images of all formats: what is decoded is the picture, as far as anything could tell, and all ways to the pixels (data check, training,
 * prediction) say the same of a file. With FUZZ_PILLOW=python Pillow is asked too.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeImage, openCanvases, scanDataset } from '@cultivar/data';
import { CultivarError, type Preprocessing } from '@cultivar/sdk';
import sharp from 'sharp';
import { damage, type Damaged } from './damage.js';
import { makePicture, side, type Picture } from './pictures.js';
import { Pillow } from './pillow.js';
import { randomFrom } from './random.js';
import type { FuzzTarget } from './target.js';

const preprocessing: Preprocessing = { size: side, resize: 'stretch', mean: [0, 0, 0], std: [1, 1, 1], channels: 'rgb' };
const good = sharp({ create: { width: 8, height: 8, channels: 3, background: 'green' } }).png().toBuffer();
let pillow: Pillow | undefined;

export const target: FuzzTarget = {
  name: 'images',
  async attempt(seed, folder) {
    const random = randomFrom(seed);
    const picture = await makePicture(random);
    const wrong = wholeIsWrong(picture, await decodeImage(picture.bytes, preprocessing));
    if (wrong !== undefined) return `${picture.kind}, whole: ${wrong}`;
    const anywhere = random.chance(0.3);
    const damaged = damage(picture.bytes, anywhere ? [0, picture.bytes.length] : picture.data, random);
    const path = join(folder, 'a', 'image');
    for (const label of ['a', 'b']) await mkdir(join(folder, label));
    await writeFile(path, damaged.bytes);
    await writeFile(join(folder, 'b', 'good.png'), await good);
    const { problem, canvas } = await judge(folder, path);
    const finding = problem ?? (canvas && !anywhere ? damageShows(picture, damaged, canvas) : undefined) ?? await disagreement(path, picture, canvas);
    return finding && `${picture.kind}, ${damaged.how}: ${finding}`;
  },
  async end() {
    pillow?.end();
    pillow = undefined;
  },
};

function wholeIsWrong({ pixels, exact, kind }: Picture, canvas: Uint8Array): string | undefined {
  const [mean, most] = apart(canvas, pixels);
  if (exact && most > 1) return `a pixel is off by ${most}`;
  if (!exact && kind !== 'grayscaleJpeg' && mean > 20) return `pixels are off by ${mean} on the mean`;
  return undefined;
}

/** The mean and the largest difference. */
function apart(a: Uint8Array, b: Uint8Array): [mean: number, most: number] {
  let [sum, most] = [0, 0];
  for (let at = 0; at < a.length; at += 1) {
    const off = Math.abs(a[at]! - b[at]!);
    sum += off;
    if (off > most) most = off;
  }
  return [sum / a.length, most];
}

/** What data check, training and prediction make of the file. */
async function judge(folder: string, path: string): Promise<{ problem?: string; canvas?: Uint8Array }> {
  const canvas = await decodeImage(path, preprocessing).catch((error: unknown) => {
    if (!(error instanceof CultivarError) || error.code !== 'IMAGE_UNREADABLE') throw error;
    return error;
  });
  const reason = canvas instanceof Uint8Array ? undefined : canvas.message;
  if (reason !== undefined && /undefined|NaN|\[object/.test(reason)) return { problem: `it is said "${reason}"` };
  const checked = await scanDataset(folder, { decode: true });
  const scanned = await scanDataset(folder);
  const canvases = openCanvases(scanned.samples, preprocessing);
  const found = scanned.samples.findIndex((sample) => sample.path === path);
  const trained = found < 0 ? undefined : await canvases.batch([found]).then(({ data }) => data, () => undefined);
  const [checkedReason] = [...checked.setAside, ...scanned.setAside, ...canvases.failures].map((one) => one.reason);
  await canvases.dispose();
  const accepted = [canvas instanceof Uint8Array, checked.setAside.length === 0, trained !== undefined];
  if (new Set(accepted).size > 1) return { problem: `predict, data check and train do not agree: ${accepted.join(', ')} (${reason ?? checkedReason ?? 'no reason'})` };
  if (reason !== undefined && checkedReason !== undefined && !reason.includes(checkedReason)) return { problem: `predict says "${reason}", data check "${checkedReason}"` };
  if (trained && canvas instanceof Uint8Array && apart(trained, canvas)[1] > 0) return { problem: 'predict and train see other pixels' };
  return canvas instanceof Uint8Array ? { canvas } : {};
}

function damageShows({ check, pixels, exact }: Picture, { changed }: Damaged, canvas: Uint8Array): string | undefined {
  if (!exact) return undefined;
  const [mean, most] = apart(canvas, pixels);
  if (check === 'checksum' && most > 1) return `a checksum is wrong, and pixels are off by ${mean} on the mean`;
  if (check === 'counted' && mean > 30) return `pixels are off by ${mean} on the mean`;
  if (check === 'plain' && changed !== undefined && mean * canvas.length > 255 * changed + canvas.length) return `${changed} bytes changed, and pixels are off by ${mean} on the mean`;
  return undefined;
}

/** Where Pillow refuses what is read here, or sees another picture. */
async function disagreement(path: string, { kind, pixels, exact }: Picture, canvas: Uint8Array | undefined): Promise<string | undefined> {
  const python = process.env['FUZZ_PILLOW'];
  if (python === undefined || python === '') return undefined;
  pillow ??= new Pillow(python);
  const opinion = await pillow.look(path);
  if (!canvas || (exact && apart(canvas, pixels)[1] <= 1)) return undefined;
  if (opinion.refused !== undefined) return /int(16|32)|float/.test(kind) || /cannot identify/.test(opinion.refused) && /Tiff/.test(kind) ? undefined : `Pillow refuses it: ${opinion.refused}`;
  if (opinion.width !== side || opinion.height !== side || !opinion.pixels || !/^(RGBA?|LA?|P|1|CMYK|YCbCr)$/.test(opinion.mode ?? '')) return undefined;
  const [mean] = apart(canvas, opinion.pixels);
  return mean > (opinion.mode === 'CMYK' ? 60 : 6) ? `Pillow sees another picture: off by ${mean} on the mean` : undefined;
}
