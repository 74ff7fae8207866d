/** `cultivar data check` says what `train` would say: the two verdicts beside each other. */
import { afterAll, describe, expect, it } from '@jest/globals';
import { checkForTraining, scanDataset } from '@cultivar/data';
import { createRandom, silentLogger } from '@cultivar/kernel';
import { isCultivarError, type Preprocessing } from '@cultivar/sdk';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { ImageSet } from './image-set.js';

const work = mkdtempSync(join(tmpdir(), 'cultivar-data-check-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

const preprocessing: Preprocessing = { size: 48, resize: 'crop', mean: [0, 0, 0], std: [1, 1, 1], channels: 'rgb' };
const random = createRandom(5);
const pick = <T>(list: readonly T[]): T => list[random.integer(list.length)]!;
let drawn = 0;

/** A picture, or what is left of one. */
async function file(): Promise<Buffer> {
  const [width, height] = [20 + random.integer(30), 20 + random.integer(30)];
  const format = pick(['jpeg', 'png', 'webp'] as const);
  const noise = Buffer.from(Uint8Array.from({ length: width * height * 3 }, (_, index) => (index * 7 + (drawn += 1)) & 255));
  const bytes = await sharp(noise, { raw: { width, height, channels: 3 } })[format]().toBuffer();
  switch (pick(['whole', 'whole', 'whole', 'whole', 'cut', 'damaged', 'empty', 'words'])) {
    case 'cut': return bytes.subarray(0, Math.floor(bytes.length * (0.3 + 0.6 * random.uniform())));
    case 'damaged': return bytes.fill(pick([0, 7, 255]), Math.floor(bytes.length * 0.5), Math.floor(bytes.length * 0.6));
    case 'empty': return Buffer.alloc(0);
    case 'words': return Buffer.from('no image');
    default: return bytes;
  }
}

/** Few images of few classes, some of them held out, so that every verdict comes up. */
async function dataset(folder: string): Promise<void> {
  const parts = pick([[''], [''], ['train', 'test'], ['train', 'val'], ['test', 'val'], ['a', 'b']]);
  for (const part of parts) {
    for (const label of ['ant', 'bee', ...(random.uniform() < 0.3 ? [pick(['fly', 'Bee', 'ant '])] : [])]) {
      if (part !== '' && random.uniform() < 0.15) continue;
      for (let left = random.integer(4); left > 0; left -= 1) {
        const path = join(folder, part, label, `${left}.png`);
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, await file());
      }
    }
  }
  mkdirSync(folder, { recursive: true });
}

const verdict = (work: Promise<unknown>): Promise<string> => work.then(() => 'sound', (error: unknown) => (isCultivarError(error) ? `${error.code} ${error.message}` : Promise.reject(error)));

/** What a run does before it computes: scan, split, decode, withdraw. */
async function asTraining(folder: string): Promise<void> {
  const images = new ImageSet(await scanDataset(folder), { preprocessing, validation: 0.2, random: createRandom(0).child('split'), logger: silentLogger, signal: new AbortController().signal, cacheFolder: work });
  try {
    const batches = images.canvases[0]!.batches(16);
    while (!(await batches.next()).done);
    images.withdraw(images.canvases[0]!.failures);
  } finally {
    await images.dispose();
  }
}

describe('data check', () => {
  it('has the verdict of training, whatever the data', async () => {
    const verdicts = new Map<string, number>();
    for (let trial = 0; trial < 80; trial += 1) {
      const folder = join(work, String(trial));
      await dataset(folder);
      const [checked, trained] = [await verdict(checkForTraining(folder, { random: createRandom(0).child('split') })), await verdict(asTraining(folder))];
      expect([trial, checked]).toEqual([trial, trained]);
      const code = checked.split(' ')[0]!;
      verdicts.set(code, (verdicts.get(code) ?? 0) + 1);
    }
    expect([...verdicts.keys()].sort()).toEqual(expect.arrayContaining(['DATA_CLASS_UNTRAINED', 'DATA_HELD_OUT', 'DATA_LAYOUT_OPEN', 'DATA_TOO_FEW', 'sound']));
  }, 60_000);
});
