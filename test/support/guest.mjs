/**
 * node guest.mjs DATA FOLDER CALL...: makes public calls, one after the other, and prints what each has changed in the process. The host has
 * listeners, a tfjs flag and libvips settings of its own, as an application would.
 */
import * as tf from '@tensorflow/tfjs-core';
import { createRequire } from 'node:module';
import { join } from 'node:path';
// Node puts a chdir of its own where the main thread first asks for workers; and makes these two when they are first looked at.
import 'node:worker_threads';
import * as cultivar from 'cultivar';

// Where sharp's other entry is loaded for the first time, it sets libvips' threads to its default.
const sharp = createRequire(import.meta.url)('sharp');
const [data, folder, ...calls] = process.argv.slice(2);

void [TextDecoder, TextEncoder];
const heard = [];
for (const event of ['unhandledRejection', 'uncaughtException', 'SIGINT', 'exit', 'warning']) process.on(event, (value) => heard.push(`${event} ${value?.message ?? value}`));
process.exitCode = 0;
sharp.concurrency(3);

/** Everything of the process that a library could change, by name; what is compared by identity comes as a number that stands for the object. */
const known = new Map();
const identity = (value) => {
  if ((typeof value !== 'object' || value === null) && typeof value !== 'function') return String(value);
  if (!known.has(value)) known.set(value, known.size);
  return `#${known.get(value)}`;
};
const members = (name, object) => Object.fromEntries(Reflect.ownKeys(object).map((key) => [`${name}.${String(key)}`, Object.getOwnPropertyDescriptor(object, key).get ? 'getter' : identity(object[key])]));
const listeners = (emitter) => Object.fromEntries([...emitter.eventNames()].map((event) => [`listeners of ${String(event)}`, emitter.rawListeners(event).map(identity).join(' ')]));
// Memory of its own is what a cache counts.
const cache = () => Object.entries(sharp.cache()).map(([kind, { max }]) => `${kind} ${max}`).join(' ');
// A flag that has been looked up is kept by tfjs; what counts is what it says.
const flagNames = ['PROD', 'DEBUG', 'IS_TEST', 'DEPRECATION_WARNINGS_ENABLED', 'CHECK_COMPUTATION_FOR_ERRORS', 'WRAP_TO_IMAGEBITMAP'];
function snapshot() {
  return {
    ...listeners(process),
    ...members('globalThis', globalThis), ...members('process', process), ...members('console', console),
    ...members('Error', Error), ...members('environment', process.env),
    ...members('Array.prototype', Array.prototype), ...members('Object.prototype', Object.prototype), ...members('Function.prototype', Function.prototype),
    'process.exitCode': String(process.exitCode), 'working folder': process.cwd(), umask: String(process.umask()), title: process.title,
    'max listeners': String(process.getMaxListeners()),
    'stdout.write': identity(process.stdout.write), 'stderr.write': identity(process.stderr.write),
    'sharp.cache': cache(), 'sharp.concurrency': String(sharp.concurrency()), 'sharp.simd': String(sharp.simd()),
    'tfjs backend': tf.getBackend(), ...Object.fromEntries(flagNames.map((flag) => [`tfjs flag ${flag}`, String(tf.env().get(flag))])),
    tensors: String(tf.engine().state.numTensors),
  };
}
/** Node's own, made when first looked at or written to. */
const own = /^(globalThis\.(?:AbortController|AbortSignal|Blob|performance|navigator|crypto|fetch|WebSocket|localStorage|sessionStorage|Storage)|listeners of (?:newListener|removeListener))$/;
function changes(before, after) {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((name) => before[name] !== after[name] && !own.test(name)).map((name) => `${name}: ${before[name]} -> ${after[name]}`);
}

const out = (name) => join(folder, name);
const small = { seed: 1, backbone: 'nano' };
const image = join(data, 'discs', '000.png');
let model;
const makers = {
  fineTune: () => cultivar.fineTune({ ...small, data, out: out('bundle'), strategy: 'fine-tune-top', epochs: 1, augment: [] }),
  aborted: () => cultivar.fineTune({ ...small, data, out: out('aborted'), signal: AbortSignal.abort() }).then(() => { throw new Error('not aborted'); }, () => undefined),
  load: async () => { model = await cultivar.load(out('bundle')); },
  loadTfjs: async () => { model = await cultivar.load(out('bundle'), { engine: 'tfjs' }); },
  classify: () => model.classify([image, image]),
  dispose: () => model.dispose(),
  evaluate: () => cultivar.evaluate(out('bundle'), data),
  preview: () => cultivar.preview(data, { images: 1, views: 1, size: 32 }),
  findRate: () => cultivar.findRate(data, { ...small, rangeEpochs: 1, sweepEpochs: 1, from: 1e-3, to: 1e-2 }),
  tune: () => cultivar.tune(data, { ...small, out: out('tune'), method: 'random', search: ['learningRate=log:1e-4..1e-3'], trials: 1, epochs: 1, augment: [] }),
  crossValidate: () => cultivar.crossValidate(data, { ...small, out: out('folds'), folds: 2, strategy: 'linear-probe' }),
  learningCurve: () => cultivar.learningCurve(data, { ...small, out: out('curve'), sizes: [2], strategy: 'linear-probe' }),
  compareInitializers: () => cultivar.compareInitializers({ initializers: ['he'], layers: 2, units: 4, samples: 4 }),
  compareOptimizers: () => cultivar.compareOptimizers({ optimizers: ['sgd'] }),
  compareStrategies: () => cultivar.compareStrategies(data, { ...small, out: out('strategies'), strategies: ['linear-probe'] }),
};

const report = {};
for (const call of calls) {
  const [name, backend] = call.split('@');
  if (backend !== undefined) {
    await import('@tensorflow/tfjs-backend-cpu');
    tf.enableProdMode();
    await tf.setBackend(backend);
    tf.env().set('PROD', false);
  }
  const before = snapshot();
  const began = performance.now();
  await makers[name]();
  report[call] = { seconds: (performance.now() - began) / 1000, changes: changes(before, snapshot()) };
}
void Promise.reject(new Error('of the host'));
await new Promise((resolve) => setTimeout(resolve, 20));
console.log(JSON.stringify({ report, heard, started: Object.keys(tf.engine().registry) }));
