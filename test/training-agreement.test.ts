/**
 * Whole pretrained networks train right: loss and every gradient of the engines are those of double precision, from every cut and stage by stage.
 * Rectifiers stand away from their bends (`support/exact-step.ts`), so that what is compared depends on no processor's rounding.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { NetworkReader, prepareBackbone, suffixModel, type PreparedBackbone } from '@cultivar/backbone';
import { OnnxEngine } from '@cultivar/engine-onnx';
import { readyBackend, TfjsEngine } from '@cultivar/engine-tfjs';
import type { Engine, Preprocessing } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import { model as makeModel, type LayersModel } from '@tensorflow/tfjs-layers';
import { ceilingOf, type Exact, type Layer } from './support/exact-layers.js';
import { exactLoss, exactRun, type ExactRun } from './support/exact-step.js';

const shared = process.env['CULTIVAR_SHARED'] ?? fileURLToPath(new URL('../../shared', import.meta.url));
const side = 64;
const preprocessing: Preprocessing = { size: side, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5], channels: 'rgb', resize: 'stretch' };
const nano = fileURLToPath(new URL('../models/nano', import.meta.url));
const engines: Record<string, Engine> = { onnx: new OnnxEngine(), tfjs: new TfjsEngine() };
const modes = [['frozen', 2], ['train', 8]] as const;
type BatchNorm = (typeof modes)[number][0];

/**
 * How far gradients may be off: some ten times what single precision was seen to move them (docs/reliability.md). Frozen, a stage is 1.5e-6 off, all stages 1.7e-5. Batch-norm that trains magnifies
 * roundings where a channel hardly varies: a stage is up to 2.6e-5 off, and through fifty such layers they grow to 7.4e-5; to round each layer's result once
 * is 1e-5 to 6e-5 already.
 */
const allowed = { alone: { frozen: 1e-5, train: 2e-4 }, toTheTop: { frozen: 1e-4, train: 1e-3 } };

beforeAll(async () => {
  await readyBackend();
});

const targetsOf = (batch: number): number[][] => Array.from({ length: batch }, (_, image) => (image % 2 === 0 ? [1, 0, 0, 0] : [0, 0, 0.5, 0.5]));
const normal = (shape: number[], deviation: number, seed: number): Float32Array => tf.tidy(() => tf.randomNormal(shape, 0, deviation, 'float32', seed).dataSync<'float32'>().slice());

type Gradients = Record<string, Float32Array | Float64Array>;

async function step(engine: Engine, model: LayersModel, batchNorm: BatchNorm, from: Exact, loss: (output: tf.Tensor) => tf.Scalar, heads: tf.Variable[] = []): Promise<{ loss: number; gradients: Gradients }> {
  // The moving statistics stay, so that each step begins with the same weights.
  const program = await engine.training!(model, { batchNorm, ...(batchNorm === 'train' && { batchNormMomentum: 1 }) });
  const input = tf.tensor(Float32Array.from(from.data), from.shape);
  const result = await program.lossAndGradients(input, loss, heads);
  const gradients = Object.fromEntries(Object.entries(result.gradients).map(([name, tensor]) => [name === heads[0]?.name ? 'head' : name, tensor.dataSync<'float32'>().slice()]));
  tf.dispose([result.gradients, input]);
  await program.dispose();
  return { loss: result.loss, gradients };
}

const layerOf = (weight: string): string => weight.slice(0, weight.lastIndexOf('/'));

function distance(a: Float32Array | Float64Array, b: Float32Array | Float64Array): number {
  let sum = 0;
  for (let index = 0; index < a.length; index += 1) sum += (a[index]! - b[index]!) ** 2;
  return Math.sqrt(sum);
}

const norm = (values: Float32Array | Float64Array): number => distance(values, new Float64Array(values.length));

/**
 * The largest relative distance of gradients from the exact ones, and of which weight. Where batch-norm trains, the gradient of an offset in front of one vanishes
 * but for rounding: each then counts against the largest of its layer.
 */
function farthest(found: Gradients, exact: Gradients, batchNorm: BatchNorm): [number, string] {
  const sizes = new Map(Object.keys(found).map((weight) => [weight, norm(exact[weight]!)]));
  const size = (weight: string) => (batchNorm === 'frozen' ? sizes.get(weight)! : Math.max(...[...sizes].filter(([other]) => layerOf(other) === layerOf(weight)).map(([, one]) => one)));
  return Object.entries(found)
    .map(([weight, values]): [number, string] => [distance(values, exact[weight]!) / size(weight), weight])
    .reduce((worst, one) => (one[0] > worst[0] || Number.isNaN(one[0]) ? one : worst));
}

function near([apart, weight]: [number, string], most: number, what: string): void {
  if (!(apart < most)) throw new Error(`${what}: the gradient of ${weight} is ${apart.toExponential(1)} off, at most ${most} is allowed`);
}

interface Subject {
  prepared: PreparedBackbone;
  run: ExactRun;
  gradients: Gradients;
  slopes: ReadonlyMap<string, Float64Array>;
  loss: number;
  head: Float32Array;
  batchNorm: BatchNorm;
}

/** A network with its step in double precision. */
async function subject(location: string, name: string, batchNorm: BatchNorm, batch: number): Promise<Subject> {
  const { model, sha256 } = await new NetworkReader().read({ location, size: side });
  const prepared = prepareBackbone({ model, input: preprocessing, licence: 'Apache-2.0', source: 'test', sha256 }, name);
  expect(prepared.model.inputs[0]!.shape).toEqual([null, side, side, 3]);
  const shape = [batch, side, side, 3];
  const run = exactRun(prepared.model, { shape, data: Float64Array.from(normal(shape, 1, 1)) }, { batchNorm });
  const features = run.values.get(prepared.stages.at(-1)!.output)!;
  const head = normal([features.shape.at(-1)!, 4], 0.1, 7);
  const exact = exactLoss(features, head, targetsOf(batch));
  const { weights, slopes } = run.backward(exact.features);
  return { prepared, run, slopes, gradients: { ...weights, head: exact.head }, loss: exact.loss, head, batchNorm };
}

/** From the image, or from what the stage before has given. */
const inputOf = ({ prepared, run }: Subject, index: number): Exact => run.values.get(index === 0 ? prepared.model.inputs[0]!.sourceLayer.name : prepared.stages[index - 1]!.output)!;

/** A stage alone, with the gradient that arrives at it. */
async function checkStage(one: Subject, index: number): Promise<void> {
  const { prepared, run, slopes, gradients, batchNorm } = one;
  const { name, output } = prepared.stages[index]!;
  const suffix = suffixModel(prepared, name);
  const stage = makeModel({ inputs: suffix.inputs, outputs: suffix.getLayer(output).output });
  const arriving = tf.tensor(Float32Array.from(slopes.get(output)!), run.values.get(output)!.shape);
  for (const [engine, computed] of Object.entries(engines)) {
    const found = await step(computed, stage, batchNorm, inputOf(one, index), (y) => tf.sum(tf.mul(y, arriving)));
    near(farthest(found.gradients, gradients, batchNorm), allowed.alone[batchNorm], `${engine}, ${name} alone`);
  }
  arriving.dispose();
}

/** All from a cut on, with a head and its loss behind. */
async function checkSuffix(one: Subject, index: number): Promise<void> {
  const { prepared, gradients, batchNorm } = one;
  const { name } = prepared.stages[index]!;
  const input = inputOf(one, index);
  const head = tf.tidy(() => tf.variable(tf.tensor2d(one.head, [one.head.length / 4, 4]), true));
  const loss = (x: tf.Tensor): tf.Scalar => {
    const pooled = (x.rank === 4 ? tf.mean(x, [1, 2]) : x) as tf.Tensor2D;
    return tf.neg(tf.mean(tf.sum(tf.mul(tf.tensor2d(targetsOf(input.shape[0]!)), tf.logSoftmax(tf.matMul(pooled, head as unknown as tf.Tensor2D))), 1)));
  };
  for (const [engine, computed] of Object.entries(engines)) {
    const found = await step(computed, suffixModel(prepared, name), batchNorm, input, loss, [head]);
    expect(Math.abs(found.loss - one.loss) / one.loss).toBeLessThan(1e-4);
    near(farthest(found.gradients, gradients, batchNorm), allowed.toTheTop[batchNorm], `${engine}, from ${name} on`);
  }
  head.dispose();
}

/** What the comparison is for: had one rectifier one place wrong, or one layer a hundredth too much, it would be seen. */
function checkErrorsShow({ prepared, run, slopes, gradients, batchNorm }: Subject): void {
  const disturbed = (disturb: (layer: Layer, gradients: Float64Array[]) => void) => farthest(run.backward(slopes.get(prepared.stages.at(-1)!.output)!, disturb).weights, gradients, batchNorm)[0];
  const rectifiers = prepared.model.layers.filter((layer) => ceilingOf(layer) !== undefined).map(({ name }) => name);
  for (const wrong of rectifiers.slice(1, 2)) {
    const onePlace = disturbed((layer, [gradient]) => {
      if (layer.name !== wrong) return;
      const typical = norm(gradient!) / Math.sqrt(gradient!.filter((value) => value !== 0).length);
      gradient![gradient!.findIndex((value) => Math.abs(value) >= typical)] = 0;
    });
    expect(onePlace).toBeGreaterThan(10 * allowed.alone[batchNorm]);
    const tooMuch = disturbed((layer, [gradient]) => {
      if (layer.name === wrong) for (let index = 0; index < gradient!.length; index += 1) gradient![index]! *= 1.01;
    });
    expect(tooMuch).toBeGreaterThan(5 * allowed.toTheTop[batchNorm]);
  }
}

describe('training steps of pretrained networks', () => {
  for (const [name, location] of [
    ['nano', nano],
    ...['mobilenet-v1-0.25-224-layers', 'mobilenet-v2-1.00-224-layers', 'squeezenet-1.1-layers'].map((one) => [one, join(shared, 'models', one)]),
  ] as [string, string][]) {
    const here = existsSync(location);
    for (const [batchNorm, batch] of modes) {
      // SqueezeNet has no batch-norm.
      if (batchNorm === 'train' && name.startsWith('squeezenet')) continue;
      (here ? it : it.skip)(`are those of double precision, batch-norm ${batchNorm}: ${name}${here ? '' : ' (skipped: no weights in CULTIVAR_SHARED/models)'}`, async () => {
        const before = tf.memory().numTensors;
        const one = await subject(location, name, batchNorm, batch);
        // Single precision is a thousand times as fine.
        expect(one.run.margin).toBeGreaterThan(1e-4);
        for (const index of one.prepared.stages.keys()) {
          await checkStage(one, index);
          await checkSuffix(one, index);
        }
        if (name === 'nano') checkErrorsShow(one);
        one.prepared.model.dispose();
        expect(tf.memory().numTensors).toBe(before);
      });
    }
  }
});
