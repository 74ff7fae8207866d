/** What is measured of our engines, through the contract and the trainer's own step, feature store and optimizer. */
import { pooledSuffixModel, prefixModel } from '@cultivar/backbone';
import * as tf from '@tensorflow/tfjs-core';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
// Not for others to import, but what every run of `cultivar train` goes through.
import { readyBackend } from '../../packages/cultivar/build/tensorflow.js';
import { FeatureStore } from '../../packages/training/build/features/feature-store.js';
import { GradientStep } from '../../packages/training/build/phases/gradient-step.js';
import { TrainedHead } from '../../packages/training/build/phases/trained-head.js';
import { classifierOn, lastStages, loadNetwork, openRun } from '../networks.mjs';

const classes = 10;
const learningRate = 1e-4;
/** Batches that are kept and drawn from. */
const stored = 8;

/** @returns `step()`, which does the work once, and how many images that is */
export async function prepare({ engine: name, network, size, batch, work, threads }) {
  await readyBackend();
  const run = await openRun('@cultivar/optimizers', `@cultivar/engine-${name}`);
  const engine = run.create('engine', name === 'onnx' ? { name, threads } : name);
  const { ok, reasons } = await engine.available();
  if (!ok) throw cannot(reasons.join('; '));
  const place = { run, engine, size, batch, prepared: await loadNetwork(run, network, size) };
  const prepareWork = {
    forward: () => forward(place),
    features: () => features(place),
    'head-only epoch': () => headOnlyEpoch(place),
    'last-stages step': () => trainingStep(place, lastStages(place.run, place.prepared), 'frozen'),
    'full step, batch-norm frozen': () => trainingStep(place, place.prepared.stages[0], 'frozen'),
    'full step, batch-norm train': () => trainingStep(place, place.prepared.stages[0], 'train'),
  }[work];
  return { engine: `engine-${name}`, ...(await prepareWork()) };
}

const cannot = (reason) => Object.assign(new Error(reason), { code: 'BENCH_CANNOT' });

/** Bytes, as they come from decoded photos. */
function photos(count, size) {
  const shape = [count, size, size, 3];
  return { data: new Uint8Array(shape.reduce((a, b) => a * b)).map((_, index) => (index * 2654435761) >>> 24), shape };
}

async function forward({ engine, prepared, size, batch }) {
  const program = await engine.inference(classifierOn(prepared, 1000), { normalisation: prepared.input });
  const images = photos(batch, size);
  return { images: batch, step: () => program.run(images) };
}

function pooled({ engine, prepared }) {
  return engine.inference(prepared.model, { normalisation: prepared.input, outputs: [{ layer: prepared.stages.at(-1).output, pool: 'average' }] });
}

async function features(place) {
  const program = await pooled(place);
  const images = photos(place.batch, place.size);
  return { images: place.batch, step: () => program.run(images) };
}

function targets(batch) {
  const data = new Float32Array(batch * classes);
  for (let row = 0; row < batch; row += 1) data[row * classes + (row % classes)] = 1;
  return { data, shape: [batch, classes] };
}

function stepper({ run, prepared }, program) {
  const width = prepared.stages.at(-1).outputShape.at(-1);
  const random = run.random.child('head');
  const kernel = { data: Float32Array.from({ length: width * classes }, () => (random.uniform() - 0.5) / 50), shape: [width, classes] };
  const head = new TrainedHead(kernel, { data: new Float32Array(classes), shape: [classes] });
  const steps = new GradientStep({ program, head, optimizer: run.create('optimizer', 'momentum'), regularizers: [], share: () => 1 });
  let number = 0;
  return async (inputs) => {
    number += 1;
    const loss = await steps.take({ inputs, targets: targets(inputs.shape[0]) }, number, learningRate, run.random);
    // Such a step updates nothing, so its time would be too short.
    if (!Number.isFinite(loss)) throw new Error(`the loss is ${loss}`);
  };
}

/** A step of the stages from `from` on, whose input comes out of the feature store. */
async function trainingStep({ run, engine, prepared, size, batch }, from, batchNorm) {
  if (!engine.training) throw cannot('it does not train');
  const count = stored * batch;
  const before = prepared.stages[from.index - 1];
  const shape = before?.outputShape ?? [size, size, 3];
  const store = new FeatureStore({ shape, file: join(tmpdir(), `bench-${process.pid}`), memoryBudget: Infinity });
  const prefix = before && (await engine.inference(prefixModel(prepared, before.name), { normalisation: prepared.input }));
  for (let start = 0; start < count; start += batch) {
    const images = photos(batch, size);
    const entries = Array.from({ length: batch }, (_, row) => start + row);
    await store.put(entries, prefix ? (await prefix.run(images))[0] : { data: Float32Array.from(images.data, (byte) => byte / 127.5 - 1), shape: images.shape });
  }
  await prefix?.dispose();
  const program = await engine.training(pooledSuffixModel(prepared, from.name, [prepared.stages.at(-1).name]), { batchNorm, joinedGradients: true });
  const take = stepper({ run, prepared }, program);
  let drawn = 0;
  return {
    images: batch,
    step: async () => {
      const entries = Array.from({ length: batch }, (_, row) => (drawn + row * stored) % count);
      drawn += 1;
      await take(await store.getInPlace(entries));
    },
  };
}

/** A network of no layers: what is left to train is the head. */
const headAlone = {
  parameters: {},
  async lossAndGradients(input, loss, variables) {
    const { value, grads } = tf.tidy(() => tf.variableGrads(() => loss(input), variables));
    const [number] = await value.data();
    value.dispose();
    return { loss: number, gradients: grads };
  },
};

/** An epoch of the head on features that are there: the first epoch, which makes them, is the row `features`. */
async function headOnlyEpoch(place) {
  const { prepared, size, batch } = place;
  const width = prepared.stages.at(-1).outputShape.at(-1);
  const count = Math.max(256, stored * batch);
  const table = new Float32Array(count * width);
  const program = await pooled(place);
  for (let start = 0; start < count; start += batch) {
    const [output] = await program.run(photos(Math.min(batch, count - start), size));
    table.set(output.data, start * width);
  }
  await program.dispose();
  const take = stepper(place, headAlone);
  let epoch = 0;
  return {
    images: count,
    step: async () => {
      epoch += 1;
      const order = place.run.random.child('epoch').child(epoch).permutation(count);
      for (let start = 0; start < count; start += batch) {
        const rows = order.slice(start, start + batch);
        const data = new Float32Array(rows.length * width);
        rows.forEach((row, index) => data.set(table.subarray(row * width, (row + 1) * width), index * width));
        await take({ data, shape: [rows.length, width] });
      }
    },
  };
}
