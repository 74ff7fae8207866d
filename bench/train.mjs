/**
 * One run, one table: full training steps of MobileNetV2 1.0 at 224 px, batch 16, in turn: PyTorch channels-last,
 * tfjs-node as it comes, engine-tensorflow, engine-tfjs (WebAssembly).
 *   node bench/train.mjs [--json FILE] [--seconds N]      (npm run build, cultivar native install first)
 * It makes the peers' Python environment itself, outside the repository, and reads the weights as run.mjs does.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { lastLine, peers, python } from './environment.mjs';

const { values } = parseArgs({ options: { json: { type: 'string' }, seconds: { type: 'string', default: '8' } } });
const interpreter = python();
const step = fileURLToPath(new URL('train-step.mjs', import.meta.url));
const [size, batch] = ['224', '16'];
const rows = [];
const ratios = new Map();
for (const batchNorm of ['frozen', 'train']) {
  const peer = lastLine(interpreter, [join(peers, 'torch_train.py'), batchNorm, size, batch, values.seconds]);
  // tfjs-layers as it comes has no frozen batch-norm in training.
  const engines = batchNorm === 'frozen' ? ['tensorflow', 'tfjs'] : ['stock', 'tensorflow', 'tfjs'];
  for (const row of [peer, ...engines.map((engine) => lastLine(process.execPath, [step, engine, batchNorm, size, batch, values.seconds]))]) {
    rows.push(row);
    ratios.set(row, row.imagesPerSecond / peer.imagesPerSecond);
  }
}
console.log('| engine | network | px | batch | work | images/s | ratio to PyTorch | peak memory, MB |');
console.log('|---|---|---|---|---|---|---|---|');
for (const row of rows) console.log(`| ${row.engine} | ${row.network} | ${row.size} | ${row.batch} | ${row.work} | ${row.imagesPerSecond} | ${ratios.get(row).toFixed(2)} | ${Math.round(row.peakMemoryBytes / 1e6)} |`);
if (values.json) writeFileSync(values.json, `${JSON.stringify(rows, null, 2)}\n`);
