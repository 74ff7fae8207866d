/**
 * Takes training steps on native TensorFlow and tells what memory they leave behind.
 *   node test/support/train-many-steps.mjs STEPS frozen|train     (npm run build and cultivar native install first)
 * Prints one JSON line: tensors and resident bytes once a sixth of the steps is done, and at the end.
 */
import { readyTensorFlow, TensorFlowEngine } from '@cultivar/engine-tensorflow';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

const [steps, batchNorm] = [Number(process.argv[2]), process.argv[3]];
const { layers } = tfl;
await readyTensorFlow();

const model = tfl.sequential();
const block = (...all) => all.forEach((layer) => model.add(layer));
block(layers.conv2d({ inputShape: [64, 64, 3], filters: 32, kernelSize: 3, strides: 2, padding: 'same', useBias: false }), layers.batchNormalization(), layers.reLU({ maxValue: 6 }));
block(layers.depthwiseConv2d({ kernelSize: 3, padding: 'same', useBias: false }), layers.batchNormalization(), layers.reLU({ maxValue: 6 }));
block(layers.conv2d({ filters: 64, kernelSize: 1 }), layers.batchNormalization(), layers.activation({ activation: 'relu' }));

const program = await new TensorFlowEngine().training(model, { batchNorm });
const head = tf.variable(tf.randomNormal([64, 4], 0, 0.1, 'float32', 1));
const images = tf.randomUniform([16, 64, 64, 3], -1, 1, 'float32', 2);
const loss = (features) => tf.mean(tf.square(tf.sub(tf.matMul(tf.mean(features, [1, 2]), head), 1)));
const weights = { ...program.parameters, [head.name]: head };

async function step() {
  const { gradients } = await program.lossAndGradients(images, loss, [head]);
  tf.tidy(() => {
    for (const [name, variable] of Object.entries(weights)) variable.assign(tf.sub(variable, tf.mul(gradients[name], 1e-3)));
  });
  tf.dispose(gradients);
}

const state = () => ({ tensors: tf.memory().numTensors, bytes: process.memoryUsage.rss() });
let early;
for (let index = 1; index <= steps; index++) {
  await step();
  if (index === Math.floor(steps / 6)) early = state();
}
console.log(JSON.stringify({ early, late: state() }));
process.exit(0);
