/**
 * Measures mean and standard deviation of a backbone's pooled top features over a folder of photos, and stores them under
 * the fingerprint of the weights, four significant digits each.
 *   node plugins/backbones/statistics/measure.mjs BACKBONE PHOTOS NAME
 *   node plugins/backbones/statistics/measure.mjs mobilenet-v2:alpha=1,weights=PATH imagenet-photos/ mobilenet-v2-1.00-224
 */
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { NetworkReader, prepareBackbone } from '@cultivar/backbone';
import { decodeImage } from '@cultivar/data';
import { createKernel, parseReference } from '@cultivar/kernel';
import { ModelReader } from '@cultivar/sdk';
import { readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import backbones, { fingerprint } from '../dist/index.js';
import onnx from '../../engine-onnx/dist/index.js';

const [reference, folder, name] = process.argv.slice(2);
if (!name) throw new Error('usage: measure.mjs BACKBONE PHOTOS NAME');
const batchSize = 16;

await tf.setBackend('cpu');
const kernel = await createKernel({ plugins: [backbones, onnx] });
const run = kernel.openRun({ seed: 0, outputFolder: tmpdir(), services: [[ModelReader, new NetworkReader()]] });
const loaded = await run.create('backbone', parseReference(reference)).load();
const key = fingerprint(loaded.model);
const { model, input, stages } = prepareBackbone(loaded, name);
const top = stages.at(-1).output;
const program = await run.create('engine', 'onnx').inference(model, { normalisation: input, outputs: [{ layer: top, pool: 'average' }] });

const files = readdirSync(folder).filter((file) => /\.(jpe?g|png|webp)$/i.test(file)).sort();
const sum = new Float64Array(stages.at(-1).outputShape.at(-1));
const squares = new Float64Array(sum.length);
for (let start = 0; start < files.length; start += batchSize) {
  const canvases = await Promise.all(files.slice(start, start + batchSize).map((file) => decodeImage(join(folder, file), input)));
  const data = new Uint8Array(canvases.length * canvases[0].length);
  canvases.forEach((canvas, index) => data.set(canvas, index * canvas.length));
  const [features] = await program.run({ data, shape: [canvases.length, input.size, input.size, 3] });
  features.data.forEach((value, index) => {
    sum[index % sum.length] += value;
    squares[index % sum.length] += value * value;
  });
  process.stderr.write(`\r${Math.min(start + batchSize, files.length)} of ${files.length}`);
}
process.stderr.write('\n');
await program.dispose();
await run.dispose();
model.dispose();

const short = (value) => Number(value.toPrecision(4));
const mean = [...sum].map((value) => short(value / files.length));
const std = [...squares].map((value, index) => short(Math.sqrt(Math.max(0, value / files.length - (sum[index] / files.length) ** 2))));
const place = new URL(`./${name}.${key}.json`, import.meta.url);
writeFileSync(place, `${JSON.stringify({ count: files.length, size: input.size, resize: input.resize, cropFraction: input.cropFraction, mean, std })}\n`);
process.stdout.write(`${place.pathname}\n`);
