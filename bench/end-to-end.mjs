/**
 * Seconds and accuracy from command to result, everything included, on the same weights: `cultivar train`, a Python linear probe, and
 * Keras's tutorial recipe.
 *   node bench/end-to-end.mjs [--data hymenoptera,flowers,neu-surface-defects] [--without keras,sklearn] [--strategy NAME] [--engine NAME] [--json FILE]
 * Data and weights: $CULTIVAR_SHARED/datasets and models.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { cultivarTrain } from './cultivar-train.mjs';
import { lastLine, peers, python, shared, weights } from './environment.mjs';

const list = (text) => text.split(',');
const { data: names, without, strategy, engine, json } = new Command('node bench/end-to-end.mjs')
  .option('--data <names>', 'folders in $CULTIVAR_SHARED/datasets', list, ['hymenoptera', 'flowers', 'neu-surface-defects'])
  .option('--without <names>', 'of cultivar, sklearn and keras (which takes a quarter of an hour)', list, [])
  .option('--strategy <name>', 'of cultivar train', 'auto')
  .option('--engine <name>', 'of cultivar train', 'auto')
  .option('--json <file>', 'write the rows there')
  .parse().opts();
const scripts = [['sklearn', 'sklearn_probe.py'], ['keras', 'keras_recipe.py']].filter(([key]) => !without.includes(key));
const interpreter = scripts.length > 0 ? python() : undefined;
const rows = [];
console.log('| data | what | accuracy | seconds |');
console.log('|---|---|---|---|');
function show(row) {
  rows.push(row);
  console.log(`| ${row.data} | ${row.what} | ${row.accuracy.toFixed(3)} | ${row.seconds.toFixed(1)} |`);
}
for (const data of names) {
  const folder = join(shared, 'datasets', data);
  if (!without.includes('cultivar')) {
    const { result, seconds, peakMemoryBytes } = cultivarTrain(folder, ['--strategy', strategy, '--engine', engine]);
    show({ data, what: `cultivar train, ${result.strategy}`, accuracy: result.metrics.accuracy, seconds, peakMemoryBytes });
  }
  if (!interpreter) continue;
  for (const [key, script] of scripts) {
    const begin = performance.now();
    const result = lastLine(interpreter, [join(peers, script), folder, weights]);
    const seconds = (performance.now() - begin) / 1000;
    if (key === 'keras') show({ data, what: `${result.what}, head only`, accuracy: result.headAccuracy, seconds: result.headSeconds });
    show({ data, what: result.what, accuracy: result.accuracy, seconds });
  }
}
if (json) writeFileSync(json, `${JSON.stringify(rows, null, 2)}\n`);
