// Loads a LayersModel folder with plain tfjs and compares its features with those PyTorch computed for the same pixels.
//   python compare.py --model ... --out reference.json ; node verify.mjs <model folder> <reference.json>
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import '@tensorflow/tfjs-backend-cpu';

const [folder, referencePath] = process.argv.slice(2);
const { modelTopology, weightsManifest } = JSON.parse(await readFile(join(folder, 'model.json'), 'utf8'));
const weightSpecs = weightsManifest.flatMap((group) => group.weights);
const files = await Promise.all(weightsManifest.flatMap((group) => group.paths).map((path) => readFile(join(folder, path))));
const bytes = Buffer.concat(files);
const weightData = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
const model = await layers.loadLayersModel({ load: async () => ({ modelTopology, weightSpecs, weightData }) });
console.log(`${model.name}: input ${model.inputs[0].shape}, output ${model.outputs[0].shape}, ${model.countParams()} parameters`);

if (referencePath) {
  const { shape, pixels, features } = JSON.parse(await readFile(referencePath, 'utf8'));
  const output = model.predict(tf.tensor4d(pixels, shape));
  const values = await output.data();
  const worst = features.reduce((worst, value, i) => Math.max(worst, Math.abs(value - values[i])), 0);
  console.log(`largest difference to PyTorch over ${features.length} features: ${worst.toExponential(2)}`);
  if (!(worst < 1e-4)) process.exitCode = 1;
}
