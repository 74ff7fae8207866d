/**
 * What each technique adds or costs in accuracy: one command each, against the same command without it.
 *   node bench/accuracy.mjs [--seeds 0,1] [--rows base,crop-flip,mixup] [--epochs 15] [--engine tensorflow] [--folder FOLDER] [--table]
 * Every finished run is a line of JSON in FOLDER/runs.jsonl, with the probabilities of every validation image; runs that are there
 * already are not done again. The table of all that the file holds is printed at the end; --table prints it and runs nothing.
 * Figures are means over the seeds. Differences to the base are paired: both models answer to the same images, which the bootstrap
 * draws again and again. Data and weights: $CULTIVAR_SHARED/datasets/flowers and models.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { bootstrap } from '@cultivar/training';
import { lastLine, shared } from './environment.mjs';

const { values } = parseArgs({ options: {
  rows: { type: 'string' },
  seeds: { type: 'string', default: '0' },
  epochs: { type: 'string', default: '15' },
  engine: { type: 'string', default: 'tensorflow' },
  folder: { type: 'string', default: join(tmpdir(), 'cultivar-accuracy') },
  table: { type: 'boolean', default: false },
} });
const root = fileURLToPath(new URL('..', import.meta.url));
const cultivar = join(root, 'packages/cultivar/dist/bin.cjs');
const file = join(resolve(values.folder), 'runs.jsonl');
const cpuFile = join(resolve(values.folder), 'cpu');
const data = relative(root, join(shared, 'datasets', 'flowers'));
const network = `mobilenet-v2:alpha=0.5,size=96,weights=${relative(root, join(shared, 'models', 'mobilenet-v2-0.50-96-graph'))}`;

/** Where images are augmented, each has a view for every epoch; the others have but one. */
const augmented = (...augmentations) => [...augmentations.flatMap((one) => ['--augment', one]), '--views', values.epochs, '--optimizer', 'adam'];
const plain = ['--augment', 'none', '--optimizer', 'adam'];
/** What the command of each row is made of; `evaluate`: how the bundle of the base is measured. */
const techniques = {
  base: { train: plain },
  'crop-flip': { train: augmented('flip', 'crop:scale=[0.6;1]') },
  'color-jitter': { train: augmented('color-jitter') },
  cutout: { train: augmented('cutout') },
  mixup: { train: augmented('mixup') },
  cutmix: { train: augmented('cutmix') },
  'label-smoothing': { train: [...plain, '--regularize', 'label-smoothing'] },
  dropout: { train: [...plain, '--regularize', 'dropout'] },
  'ten-crops': { evaluate: ['--crops', '10'] },
  snapshot: { train: [...plain, '--ensemble', 'snapshot:members=5'] },
  independent: { train: [...plain, '--ensemble', 'independent:members=5'] },
  polyak: { train: ['--augment', 'none', '--optimizer', 'polyak:of=adam'] },
};

/** @param bundles folder that bundles lie in */
function commandOf(row, seed, bundles) {
  const { train, evaluate } = techniques[row];
  const engine = ['--engine', values.engine];
  if (evaluate) return ['evaluate', `${bundles}/base-${seed}`, data, ...evaluate, ...engine];
  return ['train', data, '--backbone', network, '--strategy', 'fine-tune-deep', '--epochs', values.epochs, '--keep', 'last', ...train, ...engine, '--seed', String(seed), '--out', `${bundles}/${row}-${seed}`];
}

const validation = readFileSync(join(root, data, 'split.csv'), 'utf8').trim().split('\n').slice(1)
  .map((line) => line.trim().split(',')).filter(([, , split]) => split === 'val').map(([path, label]) => ({ path: join(data, path), label }));
const classes = [...new Set(validation.map(({ label }) => label))].sort();
const labels = Int32Array.from(validation, ({ label }) => classes.indexOf(label));

/** Runs a command of cultivar. @returns its JSON, and the seconds of processor time that it took, native threads included */
function run(words) {
  const tell = `data:text/javascript,import{writeFileSync}from"node:fs";process.on("exit",()=>writeFileSync(${JSON.stringify(cpuFile)},JSON.stringify(process.cpuUsage())))`;
  const result = lastLine(process.execPath, ['--import', tell, cultivar, ...words, '--json'], { cwd: root });
  const { user, system } = JSON.parse(readFileSync(cpuFile, 'utf8'));
  return { result, seconds: (user + system) / 1e6 };
}

/** Probabilities of each validation image, class by class, as the bundle predicts them. */
function predict(bundle, crops) {
  const { result: { predictions } } = run(['predict', bundle, ...validation.map(({ path }) => path), '--top', String(classes.length), '--engine', values.engine, ...crops]);
  return predictions.map((prediction) => classes.map((label) => prediction.classes.find((one) => one.label === label).probability));
}

function measure(row, seed) {
  const bundles = resolve(values.folder);
  const bundle = join(bundles, `${row}-${seed}`);
  const { evaluate = [] } = techniques[row];
  rmSync(bundle, { recursive: true, force: true });
  const { result, seconds } = run(commandOf(row, seed, bundles));
  const probabilities = predict(evaluate.length > 0 ? join(bundles, `base-${seed}`) : bundle, evaluate);
  if (row !== 'base') rmSync(bundle, { recursive: true, force: true });
  const { accuracy, loss, history } = { ...result, ...result.metrics };
  return { row, seed, epochs: Number(values.epochs), engine: values.engine, accuracy, loss, seconds, history, probabilities };
}

const same = (run, row, seed) => run.row === row && run.seed === seed && run.epochs === Number(values.epochs) && run.engine === values.engine;
const done = () => (existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').filter(Boolean).map((line) => JSON.parse(line)) : []);
const names = values.rows?.split(',') ?? Object.keys(techniques);
const seeds = values.seeds.split(',').map(Number);
mkdirSync(values.folder, { recursive: true });
for (const seed of values.table ? [] : seeds) {
  for (const row of names) {
    if (done().some((one) => same(one, row, seed))) continue;
    const measured = measure(row, seed);
    appendFileSync(file, `${JSON.stringify(measured)}\n`);
    console.error(`${row}, seed ${seed}: accuracy ${measured.accuracy.toFixed(4)}, log-loss ${measured.loss.toFixed(4)}, ${measured.seconds.toFixed(0)} s of processor time`);
  }
}

const mean = (numbers) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
/** Of each image, the share of the runs that name its class. */
const right = (several) => validation.map((_, image) => mean(several.map(({ probabilities }) => (probabilities[image].indexOf(Math.max(...probabilities[image])) === labels[image] ? 1 : 0))));
const points = (value, digits = 1) => `${value > 0 ? '+' : ''}${(100 * value).toFixed(digits)}`;
/** @param columns figures of each image. @returns 95 % interval of each figure that is made of their means */
function intervals(columns, figures) {
  const table = { data: Float32Array.from(validation.flatMap((_, image) => columns.map((column) => column[image]))), shape: [validation.length, columns.length] };
  return bootstrap(table, labels, ({ data: drawn }) => figures(columns.map((_, column) => mean([...drawn].filter((_, place) => place % columns.length === column)))));
}

const runs = done().filter(({ row, seed, epochs, engine }) => seeds.some((one) => same({ row, seed, epochs, engine }, row, one)));
const base = runs.filter(({ row }) => row === 'base');
console.log('| technique | seeds | accuracy, % | 95 % | against the base, points | 95 %, paired | log-loss | processor time, s | command |\n|---|---|---|---|---|---|---|---|---|');
for (const row of Object.keys(techniques)) {
  const own = runs.filter((one) => one.row === row);
  const beside = base.filter(({ seed }) => own.some((one) => one.seed === seed));
  if (beside.length === 0) continue;
  const [is, was] = [right(own), right(beside)];
  const [accuracy, difference] = intervals([is, was], ([ours, theirs]) => [ours, ours - theirs]);
  const against = row === 'base' ? '| | |' : `| ${points(mean(is) - mean(was))} | ${points(difference.low)} to ${points(difference.high)} |`;
  const command = ['npx', 'cultivar', ...commandOf(row, seeds[0], 'accuracy')].map((word) => (/^[\w./:=,-]+$/.test(word) ? word : `'${word}'`)).join(' ').replaceAll(relative(root, shared), '$CULTIVAR_SHARED');
  console.log(`| ${row} | ${own.length} | ${(100 * mean(is)).toFixed(1)} | ${(100 * accuracy.low).toFixed(1)} to ${(100 * accuracy.high).toFixed(1)} ${against} ${mean(own.map(({ loss }) => loss)).toFixed(3)} | ${mean(own.map(({ seconds }) => seconds)).toFixed(0)} | \`${command}\` |`);
}
