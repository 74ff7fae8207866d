/**
 * Frozen features: images a second of MobileNetV2 1.0 through an engine, as the trainer uses it (uint8 images in,
 * pooled features out, normalisation included).
 *   node bench/forward.mjs ENGINE SIZE BATCH SECONDS     (npm run build first)
 * Prints one JSON line.
 */
import '@tensorflow/tfjs-backend-cpu';
import { createKernel } from '@cultivar/kernel';
import { NetworkReader } from '@cultivar/backbone';
import { ModelReader } from '@cultivar/sdk';
import { weights } from './environment.mjs';

const [name = 'onnx', size = '224', batch = '16', seconds = '4'] = process.argv.slice(2);
const kernel = await createKernel({ plugins: ['@cultivar/backbones', `@cultivar/engine-${name}`] });
const run = kernel.openRun({ seed: 1, outputFolder: '.', services: [[ModelReader, new NetworkReader({})]] });
const engine = run.create('engine', name);
const { ok, reasons } = await engine.available();
if (!ok) throw new Error(reasons.join('; '));
const loaded = await run.create('backbone', { name: 'mobilenet-v2', weights }).load();
const top = loaded.model.layers.findLast((layer) => layer.outputShape.length === 4);
const program = await engine.inference(loaded.model, { normalisation: loaded.input, outputs: [{ layer: top.name, pool: 'average' }] });
const shape = [Number(batch), Number(size), Number(size), 3];
const data = new Uint8Array(shape.reduce((a, b) => a * b)).map((_, index) => (index * 2654435761) >>> 24);
for (let i = 0; i < 3; i += 1) await program.run({ data, shape });
const rates = [];
const end = performance.now() + Number(seconds) * 1000;
while (performance.now() < end) {
  const begin = performance.now();
  await program.run({ data, shape });
  rates.push((1000 * shape[0]) / (performance.now() - begin));
}
rates.sort((a, b) => a - b);
console.log(JSON.stringify({
  engine: `engine-${name}`, network: 'mobilenet-v2 1.0', size: shape[1], batch: shape[0], work: 'forward',
  imagesPerSecond: Math.round(10 * rates[rates.length >> 1]) / 10, peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
}));
await program.dispose();
await run.dispose();
process.exit(0);
