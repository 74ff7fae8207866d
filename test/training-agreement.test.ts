/** Whole pretrained networks train alike: loss and every gradient of the ONNX engine are those of the tfjs engine, from every cut. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { NetworkReader, prepareBackbone, suffixModel } from '@cultivar/backbone';
import { OnnxEngine } from '@cultivar/engine-onnx';
import { readyBackend, TfjsEngine } from '@cultivar/engine-tfjs';
import type { Engine, Preprocessing, TrainingOptions } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';

const shared = process.env['CULTIVAR_SHARED'] ?? fileURLToPath(new URL('../../shared', import.meta.url));
/**
 * Small images and several seeds: a rectifier whose input two backends round to different sides of its bend lets the gradient
 * of that place through or not, and moves all gradients before it. (tfjs's own cpu and wasm backends differ so, too.) An
 * error would show for every input; a bend does not. On statistics of the batch there are more images, and so more bends.
 */
const seeds = { frozen: 5, train: 12 };
const side = 64;
const preprocessing: Preprocessing = { size: side, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5], channels: 'rgb', resize: 'stretch' };
const nano = fileURLToPath(new URL('../models/nano', import.meta.url));
const engines: readonly Engine[] = [new OnnxEngine(), new TfjsEngine()];

beforeAll(async () => {
  await readyBackend();
});

/** A head on the averaged features, and the mean cross-entropy of four classes. */
function headAndLoss(features: number): { head: tf.Variable; loss: (x: tf.Tensor) => tf.Scalar } {
  const head = tf.tidy(() => tf.variable(tf.randomNormal([features, 4], 0, 0.1, 'float32', 7), true));
  const loss = (x: tf.Tensor): tf.Scalar => {
    const pooled = (x.rank === 4 ? tf.mean(x, [1, 2]) : x) as tf.Tensor2D;
    const targets = tf.tensor2d(Array.from({ length: x.shape[0]! }, (_, image) => (image % 2 === 0 ? [1, 0, 0, 0] : [0, 0, 0.5, 0.5])));
    const logarithms = tf.logSoftmax(tf.matMul(pooled, head as unknown as tf.Tensor2D));
    return tf.neg(tf.mean(tf.sum(tf.mul(targets, logarithms), 1)));
  };
  return { head, loss };
}

async function step(engine: Engine, suffix: LayersModel, options: TrainingOptions, batch: number, seed: number): Promise<{ loss: number; gradients: Record<string, Float32Array> }> {
  const program = await engine.training!(suffix, options);
  const input = tf.tidy(() => tf.abs(tf.randomNormal([batch, ...suffix.inputs[0]!.shape.slice(1) as number[]], 0, 1, 'float32', seed)));
  const { head, loss } = headAndLoss(suffix.outputs[0]!.shape.at(-1)!);
  const result = await program.lossAndGradients(input, loss, [head]);
  const gradients = Object.fromEntries(Object.entries(result.gradients).map(([name, tensor]) => [name === head.name ? 'head' : name, tensor.dataSync<'float32'>().slice()]));
  tf.dispose([result.gradients, input]);
  head.dispose();
  await program.dispose();
  return { loss: result.loss, gradients };
}

const norm = (values: Float32Array): number => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));

const layerOf = (weight: string): string => weight.slice(0, weight.lastIndexOf('/'));

/**
 * The largest relative distance of two gradients, and of which weight. Where batch-norm trains, the gradient of an offset in front of one vanishes but for
 * rounding: each then counts against the largest of its layer.
 */
function farthest(found: Record<string, Float32Array>, expected: Record<string, Float32Array>, batchNorm: 'frozen' | 'train'): [number, string] {
  const all = Object.entries(expected);
  const size = (weight: string, values: Float32Array) =>
    (batchNorm === 'frozen' ? norm(values) : Math.max(...all.filter(([other]) => layerOf(other) === layerOf(weight)).map(([, one]) => norm(one))));
  return all
    .map(([weight, values]): [number, string] => [norm(values.map((value, index) => value - found[weight]![index]!)) / size(weight, values), weight])
    .reduce((worst, one) => (one[0] > worst[0] || Number.isNaN(one[0]) ? one : worst));
}

describe('training steps of pretrained networks', () => {
  for (const [name, location] of [
    ['nano', nano],
    ...['mobilenet-v1-0.25-224-layers', 'mobilenet-v2-1.00-224-layers', 'squeezenet-1.1-layers'].map((one) => [one, join(shared, 'models', one)]),
  ] as [string, string][]) {
    const here = existsSync(location);
    for (const [batchNorm, batch] of [['frozen', 2], ['train', 8]] as const) {
      // SqueezeNet has no batch-norm.
      if (batchNorm === 'train' && name.startsWith('squeezenet')) continue;
      (here ? it : it.skip)(`agree within 1e-4 from every cut, batch-norm ${batchNorm}: ${name}${here ? '' : ' (skipped: no weights in CULTIVAR_SHARED/models)'}`, async () => {
        const before = tf.memory().numTensors;
        const { model, sha256 } = await new NetworkReader().read({ location, size: side });
        const prepared = prepareBackbone({ model, input: preprocessing, licence: 'Apache-2.0', source: 'test', sha256 }, name);
        expect(prepared.model.inputs[0]!.shape).toEqual([null, side, side, 3]);
        // The moving statistics stay, so that each step begins with the same weights.
        const options = { batchNorm, ...(batchNorm === 'train' && { batchNormMomentum: 1 }) };
        for (const { name: stage } of prepared.stages) {
          const suffix = suffixModel(prepared, stage);
          const distances: [number, string][] = [];
          for (let seed = 1; seed <= seeds[batchNorm]; seed += 1) {
            const [found, expected] = [await step(engines[0]!, suffix, options, batch, seed), await step(engines[1]!, suffix, options, batch, seed)];
            expect(Math.abs(found.loss - expected.loss) / expected.loss).toBeLessThan(1e-4);
            expect(Object.keys(found.gradients)).toEqual(Object.keys(expected.gradients));
            distances.push(farthest(found.gradients, expected.gradients, batchNorm));
            if (distances.at(-1)![0] < 1e-4) break;
          }
          if (!(distances.at(-1)![0] < 1e-4)) throw new Error(`from ${stage}: ${distances.map(([apart, weight]) => `${weight} is ${apart.toExponential(1)} apart`).join(', ')}`);
          expect(Math.max(...distances.map(([apart]) => apart))).toBeLessThan(batchNorm === 'frozen' ? 0.05 : 0.1);
        }
        prepared.model.dispose();
        expect(tf.memory().numTensors).toBe(before);
      });
    }
  }
});
