/**
 * Full training steps: forward, cross-entropy of ten classes, backward through every layer, SGD update; images a second
 * of MobileNetV2 1.0.
 *   node bench/train-step.mjs tensorflow|tfjs|stock frozen|train SIZE BATCH SECONDS     (npm run build first)
 * `stock`: tfjs-node as it comes, the layers, gradients and updates that tfjs composes, on the same native TensorFlow; the
 * others update the weights as `cultivar train` does.
 * Prints one JSON line.
 */
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { NetworkReader, prepareBackbone } from '@cultivar/backbone';
import { TensorFlowEngine, readyTensorFlow } from '@cultivar/engine-tensorflow';
import { TfjsEngine } from '@cultivar/engine-tfjs';
import { createKernel } from '@cultivar/kernel';
import { ModelReader } from '@cultivar/sdk';
import { Slots } from '../packages/training/build/phases/slots.js';
import { WeightUpdates } from '../packages/training/build/phases/weight-updates.js';
import { weights } from './environment.mjs';

const [name = 'tensorflow', batchNorm = 'frozen', size = '224', batch = '16', seconds = '8'] = process.argv.slice(2);
tf.enableProdMode();
if (name === 'tfjs') await new TfjsEngine().available();
else await readyTensorFlow();
const kernel = await createKernel({ plugins: ['@cultivar/backbones', '@cultivar/optimizers'] });
const run = kernel.openRun({ seed: 1, outputFolder: '.', services: [[ModelReader, new NetworkReader({})]] });
const { model } = prepareBackbone(await run.create('backbone', { name: 'mobilenet-v2', weights }).load(), 'mobilenet-v2');
const shape = [Number(batch), Number(size), Number(size), 3];
const images = tf.randomUniform(shape, -1, 1, 'float32', 1);
const targets = tf.oneHot(tf.tensor1d(Array.from({ length: shape[0] }, (_, index) => index % 10), 'int32'), 10);
const rate = 1e-3;
const head = tf.variable(tf.randomNormal([1280, 10], 0, 0.01, 'float32', 2));
const loss = (features) => tf.neg(tf.mean(tf.sum(tf.mul(tf.cast(targets, 'float32'), tf.logSoftmax(tf.matMul(tf.mean(features, [1, 2]), head))), 1)));

async function stock() {
  const variables = Object.fromEntries([...model.trainableWeights.map((weight) => weight.read()), head].map((variable) => [variable.name, variable]));
  return {
    async step() {
      const { value, grads } = tf.tidy(() => tf.variableGrads(() => loss(model.apply(images, { training: true })), Object.values(variables)));
      await value.data();
      value.dispose();
      return grads;
    },
    update(gradients) {
      tf.tidy(() => {
        for (const [key, variable] of Object.entries(variables)) variable.assign(tf.sub(variable, tf.mul(gradients[key], rate)));
      });
    },
  };
}

async function ours(engine) {
  const program = await engine.training(model, { batchNorm });
  const parameters = { ...program.parameters, [head.name]: head };
  const updates = new WeightUpdates({ weights: parameters, slots: new Slots(), optimizer: run.create('optimizer', { name: 'sgd' }), share: () => 1 });
  let count = 0;
  return {
    step: async () => (await program.lossAndGradients(images, loss, [head])).gradients,
    update: (gradients) => updates.take(gradients, ++count, rate),
  };
}

const { step, update } = name === 'stock' ? await stock() : await ours(name === 'tfjs' ? new TfjsEngine() : new TensorFlowEngine());
async function train() {
  const gradients = await step();
  update(gradients);
  tf.dispose(gradients);
}

await train();
const rates = [];
const end = performance.now() + Number(seconds) * 1000;
while (performance.now() < end || rates.length < 2) {
  const begin = performance.now();
  await train();
  rates.push((1000 * shape[0]) / (performance.now() - begin));
}
rates.sort((a, b) => a - b);
const labels = { stock: 'tfjs-node as it comes', tensorflow: 'engine-tensorflow', tfjs: 'engine-tfjs' };
console.log(JSON.stringify({
  engine: labels[name], network: 'mobilenet-v2 1.0', size: shape[1], batch: shape[0], work: `full step, batch-norm ${batchNorm}`,
  imagesPerSecond: Math.round(10 * rates[rates.length >> 1]) / 10, peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
}));
process.exit(0);
