/** Commands that write folders: a training, an ensemble of snapshots, a search, a cross-validation. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { lasting, namesIn } from './life.mjs';

const bin = fileURLToPath(new URL('../../packages/cultivar/dist/bin.cjs', import.meta.url));

/** Three classes of six, each a colour with a pattern of its own. @returns the folder */
export async function drawPhotos(folder) {
  for (const [label, colour] of Object.entries({ amber: [220, 150, 40], jade: [40, 170, 110], plum: [120, 50, 130] })) {
    mkdirSync(join(folder, label), { recursive: true });
    for (let number = 0; number < 6; number += 1) {
      const pixels = Uint8Array.from({ length: 48 * 48 * 3 }, (_, at) => Math.max(0, Math.min(255, colour[at % 3] + ((at * 7919 * (number + 3)) % 121) - 60)));
      await sharp(pixels, { raw: { width: 48, height: 48, channels: 3 } }).png().toFile(join(folder, label, `${number}.png`));
    }
  }
  return folder;
}

const hash = (path) => createHash('sha256').update(readFileSync(path)).digest('hex');
const answer = ({ stdout }) => JSON.parse(stdout);
const withoutPlace = (value) => JSON.parse(JSON.stringify(lasting(value), (key, own) => (key === 'bundle' || key === 'out' || key === 'pictures' ? undefined : own)));

/** @param extra what else is to be the same, of the output folder */
function kind(words, extra = () => ({})) {
  const command = (...more) => ({ words: [bin, ...words, '--seed', '5', '--out', 'out', '--json', ...more] });
  return {
    begin: () => command(),
    goOn: () => command('--resume'),
    isDone: ({ code }) => code === 0,
    isNothing: ({ stdout }) => stdout.includes('RESUME_NOTHING'),
    essence: (folder, ended) => ({ names: namesIn(join(folder, 'out')), result: withoutPlace(answer(ended)), ...extra(join(folder, 'out')) }),
  };
}

/** Of a bundle: the bytes of its model, and what it says of itself but for times. */
const bundle = (folder) => ({
  weights: hash(join(folder, 'weights.bin')), model: hash(join(folder, 'model.json')), manifest: lasting(JSON.parse(readFileSync(join(folder, 'cultivar.json'), 'utf8'))),
});

export const kinds = (photos) => ({
  train: kind(['train', photos, '--strategy', 'fine-tune-top', '--epochs', '2', '--batch-size', '8', '--augment', 'flip', '--keep', 'last'], bundle),
  snapshots: kind(['train', photos, '--strategy', 'fine-tune-top', '--epochs', '2', '--batch-size', '8', '--augment', 'flip', '--ensemble', 'snapshot:members=2'], bundle),
  tune: kind(['tune', photos, '--method', 'random', '--search', 'learningRate=log:1e-4..1e-2', '--trials', '2', '--epochs', '1', '--batch-size', '8', '--augment', 'flip']),
  folds: kind(['cross-validate', photos, '--strategy', 'linear-probe', '--folds', '2'], (out) => ({ first: bundle(join(out, 'fold-1')), second: bundle(join(out, 'fold-2')) })),
});
