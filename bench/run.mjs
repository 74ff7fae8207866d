/**
 * One run, one table: frozen features of MobileNetV2 1.0, ours beside PyTorch channels-last, in turn.
 *   npm run bench [-- --quick] [-- --json FILE]
 * It makes the peers' Python environment itself, outside the repository, and reads the weights from
 * $CULTIVAR_SHARED/models/mobilenet-v2-1.00-224-layers.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { lastLine, peers, python, weights } from './environment.mjs';

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false }, json: { type: 'string' } } });
if (!existsSync(weights)) {
  console.error(`No weights at ${weights}: set CULTIVAR_SHARED to the folder that holds models/mobilenet-v2-1.00-224-layers.`);
  process.exit(2);
}
const seconds = values.quick ? '4' : '8';
const rounds = values.quick ? 2 : 3;
const cases = values.quick ? [[224, 16]] : [[224, 1], [224, 16], [224, 32]];
const interpreter = python();
const forward = fileURLToPath(new URL('forward.mjs', import.meta.url));
const rows = [];
for (const [size, batch] of cases) {
  const best = new Map();
  for (let round = 0; round < rounds; round += 1) {
    for (const row of [
      lastLine(interpreter, [join(peers, 'torch_forward.py'), String(size), String(batch), seconds]),
      lastLine(process.execPath, [forward, 'onnx', String(size), String(batch), seconds]),
    ]) {
      const known = best.get(row.engine);
      if (!known || row.imagesPerSecond > known.imagesPerSecond) best.set(row.engine, row);
    }
  }
  rows.push(...best.values());
}
const peer = (row) => rows.find((other) => other.engine.startsWith('PyTorch') && other.size === row.size && other.batch === row.batch);
console.log('| engine | network | px | batch | work | images/s | ratio to PyTorch | peak memory, MB |');
console.log('|---|---|---|---|---|---|---|---|');
for (const row of rows) {
  console.log(`| ${row.engine} | ${row.network} | ${row.size} | ${row.batch} | ${row.work} | ${row.imagesPerSecond} | ${(row.imagesPerSecond / peer(row).imagesPerSecond).toFixed(2)} | ${Math.round(row.peakMemoryBytes / 1e6)} |`);
}
if (values.json) writeFileSync(values.json, `${JSON.stringify(rows, null, 2)}\n`);
