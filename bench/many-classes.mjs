/**
 * Many classes: seconds, memory and accuracy of `cultivar train` and of what is done with its bundle, on drawn images; beside scikit-learn's
 * LogisticRegression on the same features.
 *   node bench/many-classes.mjs [--sizes 300x3,100x20,1000x20,200x100] [--strategy NAME] [--without sklearn] [--json FILE]
 * Needs nothing from outside: backbone nano, and images that bench/drawn-classes.mjs draws into a temporary folder.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCanvases, scanDataset, splitDataset } from '@cultivar/data';
import { prepareBackbone } from '@cultivar/backbone';
import { createRandom } from '@cultivar/kernel';
import { Command } from 'commander';
import { cultivar } from './cultivar-train.mjs';
import { drawClasses } from './drawn-classes.mjs';
import { lastLine, peers, python } from './environment.mjs';
import { openRun } from './networks.mjs';
// Not for others to import, but what every run of `cultivar train` begins with.
import { readyBackend } from '../packages/cultivar/build/tensorflow.js';

const list = (text) => text.split(',');
const { sizes, strategy, without, json } = new Command('node bench/many-classes.mjs')
  .option('--sizes <sizes>', 'classes x images of each, of which a fifth validates', list, ['300x3', '100x20', '1000x20', '200x100'])
  .option('--strategy <name>', 'of cultivar train', 'stage-probe')
  .option('--without <names>', 'sklearn', list, [])
  .option('--json <file>', 'write the rows there')
  .parse().opts();
const interpreter = without.includes('sklearn') ? undefined : python();
const columns = ['classes x images', 'what', 'accuracy', 'log-loss', 'seconds', 'of all cores', 'peak memory, MB'];
console.log(`| ${columns.join(' | ')} |\n|${columns.map(() => '---|').join('')}`);
const rows = [];
for (const size of sizes) {
  const folder = mkdtempSync(join(tmpdir(), 'cultivar-many-classes-'));
  try {
    await measure(size, folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
if (json) writeFileSync(json, `${JSON.stringify(rows, null, 2)}\n`);
// Native thread pools would keep the process alive.
process.exit(0);

async function measure(size, folder) {
  const [classes, images] = size.split('x').map(Number);
  const [data, bundle] = [join(folder, 'data'), join(folder, 'bundle')];
  await drawClasses(data, classes, images);
  const show = (what, { accuracy, loss, seconds, cpuSeconds, peakMemoryBytes }) => {
    rows.push({ size, what, accuracy, loss, seconds, cpuSeconds, peakMemoryBytes });
    console.log(`| ${[size, what, accuracy?.toFixed(3) ?? '', loss?.toFixed(3) ?? '', seconds.toFixed(1), cpuSeconds.toFixed(1), peakMemoryBytes ? Math.round(peakMemoryBytes / 1e6) : ''].join(' | ')} |`);
  };
  show('data check', cultivar(['data', 'check', data]));
  const trained = cultivar(['train', data, '--backbone', 'nano', '--strategy', strategy, '--out', bundle]);
  const { metrics } = trained.result;
  show(`train, ${trained.result.strategy}`, { ...trained, ...metrics });
  const evaluated = cultivar(['evaluate', bundle, data]);
  show('evaluate, all images', { ...evaluated, ...evaluated.result.metrics });
  show('predict, one image', cultivar(['predict', bundle, join(data, 'class-0000', '0.jpg')]));
  const megabytes = (file) => (statSync(join(bundle, file)).size / 1e6).toFixed(1);
  console.error(`${size}: cultivar.json ${megabytes('cultivar.json')} MB, weights.bin ${megabytes('weights.bin')} MB`);
  if (!interpreter) return;
  const { features } = JSON.parse(readFileSync(join(bundle, 'cultivar.json'), 'utf8'));
  const C = /, C = ([\d.e+-]+)\./.exec(trained.log.split('\n').find((line) => line.startsWith(`${features.join(' + ')}: `)))[1];
  const stored = join(folder, 'features');
  const seconds = await storeFeatures(data, features, stored);
  for (const row of lastLine(interpreter, [join(peers, 'sklearn_solve.py'), stored, C]).rows) show(`${row.what} (features: ${seconds.toFixed(1)} s more)`, row);
}

/** Writes down the pooled outputs of stages of nano, of the images that `cultivar train` trains on and of those that it validates with. @returns seconds */
async function storeFeatures(data, stages, folder) {
  const begin = performance.now();
  mkdirSync(folder);
  await readyBackend('weights');
  const run = await openRun('@cultivar/engine-onnx');
  const backbone = prepareBackbone(await run.create('backbone', 'nano').load(), 'nano');
  const engine = run.create('engine', 'onnx');
  await engine.available();
  const layerOf = (name) => backbone.stages.find((stage) => stage.name === name).output;
  const program = await engine.inference(backbone.model, { normalisation: backbone.input, outputs: stages.map((name) => ({ layer: layerOf(name), pool: 'average' })) });
  const split = splitDataset(await scanDataset(data, {}), { random: createRandom(0).child('split') });
  for (const part of ['train', 'validation']) {
    const canvases = openCanvases(split[part], backbone.input, {});
    const table = [];
    for await (const { indices, images } of canvases.batches(32)) {
      const outputs = await program.run(images);
      indices.forEach((index, row) => (table[index] = outputs.map(({ data, shape }) => data.slice(row * shape[1], (row + 1) * shape[1]))));
    }
    await canvases.dispose();
    writeFileSync(join(folder, `${part}.f32`), Buffer.concat(table.flat().map(({ buffer }) => new Uint8Array(buffer))));
    writeFileSync(join(folder, `${part}.json`), JSON.stringify(split[part].map(({ label }) => label)));
  }
  await program.dispose();
  return (performance.now() - begin) / 1000;
}
