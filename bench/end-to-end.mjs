/**
 * Seconds and accuracy from command to result, on the same weights: `cultivar train`, a Python linear probe, and Keras's
 * tutorial recipe.
 *   node bench/end-to-end.mjs [--data hymenoptera,flowers,neu-surface-defects] [--without keras] [--strategy NAME] [--json FILE]
 * Data and weights: $CULTIVAR_SHARED/datasets and models.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { lastLine, peers, python, shared, weights } from './environment.mjs';

const { values } = parseArgs({ options: {
  data: { type: 'string', default: 'hymenoptera,flowers,neu-surface-defects' },
  without: { type: 'string', default: '' },
  strategy: { type: 'string', default: 'auto' },
  json: { type: 'string' },
} });
const without = values.without.split(',');
const interpreter = python();
const cultivar = fileURLToPath(new URL('../packages/cultivar/dist/bin.cjs', import.meta.url));
const rows = [];
console.log('| data | what | accuracy | seconds |');
console.log('|---|---|---|---|');
function show(row) {
  rows.push(row);
  console.log(`| ${row.data} | ${row.what} | ${row.accuracy.toFixed(3)} | ${row.seconds.toFixed(1)} |`);
}
for (const data of values.data.split(',')) {
  const folder = join(shared, 'datasets', data);
  if (!without.includes('cultivar')) {
    const out = mkdtempSync(join(tmpdir(), 'cultivar-bench-'));
    const begin = performance.now();
    const result = lastLine(process.execPath, [cultivar, 'train', folder, '--backbone', `mobilenet-v2:alpha=1,weights=${weights}`, '--strategy', values.strategy, '--json', '--out', join(out, 'bundle')]);
    show({ data, what: `cultivar train, ${result.strategy}`, accuracy: result.metrics.accuracy, seconds: (performance.now() - begin) / 1000 });
    rmSync(out, { recursive: true });
  }
  for (const [key, script] of [['sklearn', 'sklearn_probe.py'], ['keras', 'keras_recipe.py']]) {
    if (without.includes(key)) continue;
    const begin = performance.now();
    const result = lastLine(interpreter, [join(peers, script), folder, weights]);
    const seconds = (performance.now() - begin) / 1000;
    if (key === 'keras') show({ data, what: `${result.what}, head only`, accuracy: result.headAccuracy, seconds: result.headSeconds });
    show({ data, what: result.what, accuracy: result.accuracy, seconds });
  }
}
if (values.json) writeFileSync(values.json, `${JSON.stringify(rows, null, 2)}\n`);
