/**
 * tfjs-node as it comes, on the libtensorflow that `cultivar native install` fetched: stock layers, stock gradients, stock optimizer,
 * `predict` and `trainOnBatch`. Frozen layers are marked so, and computed at every step.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { installedNativeTensorFlow, nativeLoader } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import { model as makeModel } from '@tensorflow/tfjs-layers';
import { classifierOn, lastStages, loadNetwork, openRun } from '../networks.mjs';

const require = createRequire(import.meta.url);
const cannot = (reason) => Object.assign(new Error(reason), { code: 'BENCH_CANNOT' });

/** @returns `step()`, which does the work once, and how many images that is */
export async function prepare({ network, size, batch, work }) {
  if (work === 'full step, batch-norm frozen') throw cannot('tfjs-layers has no batch-norm that is frozen in training');
  const installed = await installedNativeTensorFlow();
  if (!installed) throw cannot('native TensorFlow is not installed: `cultivar native install`');
  require(join(installed.folder, nativeLoader))(require('@tensorflow/tfjs-core'));
  await tf.setBackend('tensorflow');
  await tf.ready();
  tf.enableProdMode();
  const run = await openRun();
  const prepared = await loadNetwork(run, network, size);
  const images = tf.randomUniform([batch, size, size, 3], -1, 1, 'float32', 1);
  const trains = !['forward', 'features'].includes(work);
  const classifier = classifierOn(prepared, trains ? 10 : 1000);
  const engine = 'tfjs-node as it comes';
  if (trains) return { engine, images: batch, step: trainer(classifier, images, frozenLayers(run, prepared, work)) };
  const predictor = work === 'forward' ? classifier : makeModel({ inputs: classifier.inputs, outputs: classifier.layers.at(-2).output });
  return {
    engine,
    images: batch,
    step: async () => {
      const output = predictor.predict(images);
      await output.data();
      output.dispose();
    },
  };
}

function frozenLayers(run, prepared, work) {
  if (work === 'head-only epoch') return prepared.stages.flatMap((stage) => stage.layers);
  if (work === 'last-stages step') return prepared.stages.slice(0, lastStages(run, prepared).index).flatMap((stage) => stage.layers);
  return [];
}

function trainer(classifier, images, frozen) {
  for (const name of frozen) classifier.getLayer(name).trainable = false;
  classifier.compile({ optimizer: tf.train.momentum(1e-4, 0.9), loss: 'categoricalCrossentropy' });
  const [count] = images.shape;
  const targets = tf.oneHot(tf.tensor1d(Array.from({ length: count }, (_, row) => row % 10), 'int32'), 10);
  return () => classifier.trainOnBatch(images, targets);
}
