/**
 * node classify-with-tfjs.mjs BUNDLE IMAGE... : the same, with nothing of ours: the bundle's model.json in plain tfjs, and its
 * preprocessing done by hand on images that have the network's size already.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import sharp from 'sharp';

await tf.setBackend('wasm');
const [bundle, ...images] = process.argv.slice(2);
const { modelTopology, weightsManifest } = JSON.parse(readFileSync(join(bundle, 'model.json'), 'utf8'));
const weights = Buffer.concat(weightsManifest.flatMap(({ paths }) => paths.map((path) => readFileSync(join(bundle, path)))));
const model = await layers.loadLayersModel(tf.io.fromMemory({
  modelTopology,
  weightSpecs: weightsManifest.flatMap(({ weights: specs }) => specs),
  weightData: weights.buffer.slice(weights.byteOffset, weights.byteOffset + weights.byteLength),
}));
const { labels, preprocessing: { size, mean, std, channels } } = JSON.parse(readFileSync(join(bundle, 'cultivar.json'), 'utf8'));
const results = [];
for (const image of images) {
  const { data, info } = await sharp(image).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  if (info.width !== size || info.height !== size) throw new Error(`${image} is ${info.width} x ${info.height}, not ${size} x ${size}`);
  const pixels = tf.div(tf.tensor4d(Float32Array.from(data), [1, size, size, 3]), 255);
  const input = tf.div(tf.sub(channels === 'bgr' ? tf.reverse(pixels, 3) : pixels, mean), std);
  const probabilities = await model.predict(input).data();
  results.push(Object.fromEntries(labels.map((label, index) => [label, probabilities[index]])));
}
console.log(JSON.stringify(results));
