/**
 * node --expose-gc classify-many.mjs BUNDLE IMAGE COUNT: classifies again and again, by path, bytes and tensor, and prints
 * tensor counts and memory along the way.
 */
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { load } from 'cultivar';
import sharp from 'sharp';

const [bundle, image, count] = process.argv.slice(2);
const model = await load(bundle);
const bytes = readFileSync(image);
const { data, info } = await sharp(image).removeAlpha().raw().toBuffer({ resolveWithObject: true });
const tensor = tf.tensor3d(Int32Array.from(data), [info.height, info.width, 3], 'int32');
const inputs = [image, bytes, tensor];
const answers = new Set();
const marks = [];
const mark = () => {
  globalThis.gc();
  marks.push({ tensors: tf.memory().numTensors, memory: process.memoryUsage().rss });
};
for (let call = 0; call < Number(count); call += 1) {
  const classes = await model.classify(inputs[call % inputs.length]);
  answers.add(JSON.stringify(classes));
  if ((call + 1) % (Number(count) / 10) === 0) mark();
}
await model.dispose();
tensor.dispose();
console.log(JSON.stringify({ marks, answers: [...answers].map((answer) => JSON.parse(answer)), left: tf.memory().numTensors }));
