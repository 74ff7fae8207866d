/**
 * Epochs of fine-tuning the last stages of MobileNetV2 1.0, from JPEG files to the validation figures: `cultivar train` with the strategy
 * `fine-tune-top`, whose frozen part is computed once for each view and stored, beside PyTorch's usual loop (two workers decode and
 * augment, the frozen part is computed again in every epoch). Same images, batches of 32, Adam, batch-norm frozen, same layers.
 * PyTorch's weights are random, which changes no time.
 *   node bench/last-stages.mjs [--data flowers] [--epochs 3] [--views 4] [--engine tensorflow onnx] [--json FILE]      (npm run build first)
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { cultivarTrain } from './cultivar-train.mjs';
import { lastLine, peers, python, shared } from './environment.mjs';

const { data, epochs, views, engine: engines, json } = new Command('node bench/last-stages.mjs')
  .option('--data <name>', 'folder in $CULTIVAR_SHARED/datasets', 'flowers')
  .option('--epochs <count>', 'two or more: the figure is the median of those after the first', '3')
  .option('--views <count>', 'augmented views of each image that are stored, which takes no time of later epochs', '4')
  .option('--engine <name...>', 'engines of ours', ['tensorflow', 'onnx'])
  .option('--json <file>', 'write the rows there')
  .parse().opts();
const folder = join(shared, 'datasets', data);
const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
const rows = [];

console.log('| engine | epoch from the second on, s | images/s | ratio to PyTorch | all before the first epoch and after the last, s | peak memory, MB |');
console.log('|---|---|---|---|---|---|');
function show(engine, { images, rest, seconds, peakMemoryBytes }) {
  const epochSeconds = median(seconds.slice(1));
  const imagesPerSecond = Number((images / epochSeconds).toPrecision(4));
  const peer = rows.find((row) => row.engine.startsWith('PyTorch'))?.imagesPerSecond ?? (engine.startsWith('PyTorch') ? imagesPerSecond : undefined);
  rows.push({ engine, network: 'mobilenet-v2 1.0', size: 224, batch: 32, work: `last-stages epoch, ${data}`, imagesPerSecond, peakMemoryBytes });
  console.log(`| ${engine} | ${epochSeconds.toFixed(1)} | ${imagesPerSecond} | ${peer ? (imagesPerSecond / peer).toFixed(2) : '-'} | ${rest.toFixed(1)} | ${Math.round(peakMemoryBytes / 1e6)} |`);
}

const interpreter = python();
if (interpreter) {
  const peer = lastLine(interpreter, [join(peers, 'torch_last_stages.py'), folder, epochs]);
  show(peer.engine, { ...peer, rest: 0 });
}
for (const engine of engines) {
  const { result, log, seconds: all, peakMemoryBytes } = cultivarTrain(folder, ['--strategy', 'fine-tune-top', '--engine', engine, '--epochs', epochs, '--views', views]);
  if (!log.toLowerCase().includes(`engine ${engine} trains`)) {
    console.log(`engine-${engine} does not train`);
    continue;
  }
  const { name } = result.plan.phases.find(({ kind }) => kind === 'train');
  const seconds = result.history.filter((record) => record.phase === name).map((record) => record.seconds);
  // Everything else: decoding, the assessment, the solved classifier, the frozen part of each view.
  show(`engine-${engine}`, { images: result.assessment.trainImages, rest: all - seconds.reduce((a, b) => a + b), seconds, peakMemoryBytes });
}
if (json) writeFileSync(json, `${JSON.stringify(rows, null, 2)}\n`);
