/**
 * Accuracy and seconds of every strategy, and of `auto`, on datasets and on subsets of them with few training images a class;
 * the validation images are always all of them.
 *   node bench/strategies.mjs [--data hymenoptera,flowers,neu-surface-defects] [--per-class 5,20,80,all] [--seed 0]
 *     [--strategies linear-probe,stage-probe,fine-tune-top,fine-tune-deep,auto] [--engine NAME] [--results FILE]
 * Every finished run is a line of JSON in the file of results; runs that are there already are not done again. The table of
 * all that the file holds is printed at the end. Data and weights: $CULTIVAR_SHARED/datasets and models.
 */
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { createRandom } from '@cultivar/kernel';
import { lastLine, shared, weights } from './environment.mjs';

const names = ['linear-probe', 'stage-probe', 'fine-tune-top', 'fine-tune-deep', 'auto'];
const { values } = parseArgs({ options: {
  data: { type: 'string', default: 'hymenoptera,flowers,neu-surface-defects' },
  'per-class': { type: 'string', default: '5,20,80,all' },
  strategies: { type: 'string', default: names.join() },
  seed: { type: 'string', default: '0' },
  engine: { type: 'string' },
  results: { type: 'string', default: join(tmpdir(), 'cultivar-strategies.jsonl') },
} });
const cultivar = fileURLToPath(new URL('../packages/cultivar/dist/bin.cjs', import.meta.url));

/** Images of a dataset that brings its split: a split.csv, or folders train and val. */
function imagesOf(folder) {
  if (existsSync(join(folder, 'split.csv'))) {
    return readFileSync(join(folder, 'split.csv'), 'utf8').trim().split('\n').slice(1).map((line) => {
      const [path, label, split] = line.trim().split(',');
      return { path: join(folder, path), label, split };
    });
  }
  return ['train', 'val'].flatMap((split) => readdirSync(join(folder, split)).sort().flatMap((label) =>
    readdirSync(join(folder, split, label)).sort().map((file) => ({ path: join(folder, split, label, file), label, split }))));
}

/** So many training images of each class, drawn by the seed, and all the others. */
function subset(images, perClass, seed) {
  const chosen = images.filter(({ split }) => split !== 'train');
  for (const label of new Set(images.map((image) => image.label))) {
    const own = images.filter((image) => image.label === label && image.split === 'train');
    chosen.push(...createRandom(seed).child(label).permutation(own.length).slice(0, perClass).map((place) => own[place]));
  }
  return chosen;
}

const read = () => (existsSync(values.results) ? readFileSync(values.results, 'utf8').trim().split('\n').filter(Boolean).map((line) => JSON.parse(line)) : []);
const same = (one, other) => ['data', 'perClass', 'strategy', 'seed'].every((key) => one[key] === other[key]);

const work = mkdtempSync(join(tmpdir(), 'cultivar-strategies-'));
try {
  for (const perClass of values['per-class'].split(',')) {
    for (const data of values.data.split(',')) {
      for (const strategy of values.strategies.split(',')) {
        const key = { data, perClass, strategy, seed: Number(values.seed) };
        if (read().some((row) => same(row, key))) continue;
        const table = join(work, `${data}-${perClass}.csv`);
        const images = imagesOf(join(shared, 'datasets', data));
        const chosen = perClass === 'all' ? images : subset(images, Number(perClass), key.seed);
        writeFileSync(table, `path,label,split\n${chosen.map(({ path, label, split }) => `"${path}",${label},${split}`).join('\n')}\n`);
        const out = join(work, 'bundle');
        const words = ['train', table, '--backbone', `mobilenet-v2:alpha=1,weights=${weights}`, '--strategy', strategy, '--seed', values.seed, '--out', out, '--json'];
        const begin = performance.now();
        const result = lastLine(process.execPath, [cultivar, ...words, ...(values.engine ? ['--engine', values.engine] : [])]);
        const seconds = (performance.now() - begin) / 1000;
        const { outcomes, features } = JSON.parse(readFileSync(join(out, 'cultivar.json'), 'utf8'));
        rmSync(out, { recursive: true });
        const { metrics, assessment } = result;
        const row = {
          ...key, chose: result.strategy, trainImages: assessment.trainImages, similarity: assessment.similarity.score, images: metrics.images,
          accuracy: metrics.accuracy, loss: metrics.loss, seconds, features, outcomes, trainer: assessment.engine,
        };
        appendFileSync(values.results, `${JSON.stringify(row)}\n`);
        console.error(`${data} ${perClass} ${strategy}: ${row.accuracy.toFixed(3)}, ${row.loss.toFixed(3)} in ${seconds.toFixed(0)} s`);
      }
    }
  }
} finally {
  rmSync(work, { recursive: true });
}

/** Accuracy and seconds; in brackets where training was undone: what stands is the solved classifier. */
function cell(row) {
  if (!row) return '';
  const tuned = row.outcomes.some(({ phase }) => phase.startsWith('fine-tune'));
  const figure = row.accuracy.toFixed(3);
  return `${tuned && !row.outcomes.at(-1).kept ? `(${figure})` : figure} ${row.seconds.toFixed(0)} s`;
}

const rows = read().filter(({ seed }) => seed === Number(values.seed));
console.log(`| data | images a class | similarity | ${names.join(' | ')} | behind the best, points |`);
console.log(`|${'---|'.repeat(names.length + 4)}`);
for (const data of values.data.split(',')) {
  for (const perClass of values['per-class'].split(',')) {
    const own = Object.fromEntries(rows.filter((row) => row.data === data && row.perClass === perClass).map((row) => [row.strategy, row]));
    const any = Object.values(own)[0];
    if (!any) continue;
    const best = Math.max(...Object.values(own).map(({ accuracy }) => accuracy));
    const auto = own.auto ? ` ${own.auto.chose}` : '';
    console.log(`| ${data} | ${perClass === 'all' ? `all (${any.trainImages})` : perClass} | ${any.similarity.toFixed(2)} | ${names.map((name) => cell(own[name]) + (name === 'auto' ? auto : '')).join(' | ')} | ${own.auto ? (100 * (best - own.auto.accuracy)).toFixed(1) : ''} |`);
  }
}
