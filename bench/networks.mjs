/**
 * The networks that are measured, headless and cut into stages. Weights are the real ones where they are, else random ones of the
 * same architecture: the time that a network takes does not depend on them.
 */
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assembleClassifier, NetworkReader, prepareBackbone } from '@cultivar/backbone';
import { createKernel } from '@cultivar/kernel';
import { ModelReader } from '@cultivar/sdk';
import { initializers, input, layers, model } from '@tensorflow/tfjs-layers';
import { shared } from './environment.mjs';

const known = {
  'mobilenet-v1 0.25': { backbone: 'mobilenet-v1', alpha: 0.25, folder: 'mobilenet-v1-0.25-224-layers', build: mobilenetV1 },
  'mobilenet-v2 1.0': { backbone: 'mobilenet-v2', alpha: 1, folder: 'mobilenet-v2-1.00-224-layers', build: mobilenetV2 },
};

/** A run of the kernel, as in training. */
export async function openRun(...plugins) {
  const kernel = await createKernel({ plugins: ['@cultivar/backbones', '@cultivar/strategies', ...plugins] });
  return kernel.openRun({ seed: 1, outputFolder: tmpdir(), services: [[ModelReader, new NetworkReader({})]] });
}

/** @returns the network at this size, in pixels, as training sees it */
export async function loadNetwork(run, name, size) {
  const { backbone, alpha, folder, build } = known[name];
  const weights = join(shared, 'models', folder);
  const loaded = existsSync(weights)
    ? await run.create('backbone', { name: backbone, alpha, size, weights }).load()
    : { model: build(size), input: { size, resize: 'stretch', mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5], channels: 'rgb' }, licence: 'none', source: 'random', sha256: '' };
  return prepareBackbone(loaded, backbone);
}

/** The stage from which the strategy `fine-tune-top` trains. */
export function lastStages(run, prepared) {
  const plan = run.create('strategy', 'fine-tune-top').plan({ trainImages: 1000 }, prepared.stages);
  return prepared.stages.find(({ name }) => name === plan.phases.at(-1).from);
}

/** The network with a classifier of so many classes, its weights random. */
export function classifierOn(prepared, classes) {
  const top = prepared.stages.at(-1);
  const width = top.outputShape.at(-1);
  return assembleClassifier(prepared, {
    features: [top.name],
    kernel: { data: Float32Array.from({ length: width * classes }, () => (Math.random() - 0.5) / 50), shape: [width, classes] },
    bias: { data: new Float32Array(classes), shape: [classes] },
    labels: Array.from({ length: classes }, (_, index) => String(index)),
  });
}

const rectified = (x) => layers.reLU({ maxValue: 6 }).apply(layers.batchNormalization({ momentum: 0.99 }).apply(x));
const convolution = (x, filters, kernelSize, strides) => layers.conv2d({ filters, kernelSize, strides, padding: 'same', useBias: false, kernelInitializer: 'heNormal' }).apply(x);
// Scaled so that the signal neither vanishes nor explodes: denormal numbers would be slow. tfjs's heNormal counts all channels here.
const depthwiseInitializer = initializers.randomNormal({ mean: 0, stddev: Math.sqrt(2 / 9) });
const depthwise = (x, strides) => layers.depthwiseConv2d({ kernelSize: 3, strides, padding: 'same', useBias: false, depthwiseInitializer }).apply(x);

/** MobileNet, width 0.25 (Howard et al. 2017). */
function mobilenetV1(size) {
  const image = input({ shape: [size, size, 3] });
  let x = rectified(convolution(image, 8, 3, 2));
  for (const [filters, strides] of [[16, 1], [32, 2], [32, 1], [64, 2], [64, 1], [128, 2], ...Array.from({ length: 5 }, () => [128, 1]), [256, 2], [256, 1]]) {
    x = rectified(convolution(rectified(depthwise(x, strides)), filters, 1, 1));
  }
  return model({ inputs: image, outputs: x });
}

/** MobileNetV2, width 1 (Sandler et al. 2018). */
function mobilenetV2(size) {
  const image = input({ shape: [size, size, 3] });
  let x = rectified(convolution(image, 32, 3, 2));
  for (const [expansion, filters, count, firstStrides] of [[1, 16, 1, 1], [6, 24, 2, 2], [6, 32, 3, 2], [6, 64, 4, 2], [6, 96, 3, 1], [6, 160, 3, 2], [6, 320, 1, 1]]) {
    for (let block = 0; block < count; block += 1) {
      const strides = block === 0 ? firstStrides : 1;
      const channels = x.shape[3];
      const wide = expansion === 1 ? x : rectified(convolution(x, expansion * channels, 1, 1));
      const narrow = layers.batchNormalization().apply(convolution(rectified(depthwise(wide, strides)), filters, 1, 1));
      x = strides === 1 && channels === filters ? layers.add().apply([x, narrow]) : narrow;
    }
  }
  return model({ inputs: image, outputs: rectified(convolution(x, 1280, 1, 1)) });
}
