/** node fine-tune-with-library.mjs DATA OUT: a run through the library, everything it offers in use; prints what was seen. */
import * as tf from '@tensorflow/tfjs-core';
import { fineTune } from 'cultivar';

const [data, out] = process.argv.slice(2);
let printed = '';
for (const stream of [process.stdout, process.stderr]) {
  const write = stream.write.bind(stream);
  stream.write = (chunk, ...rest) => {
    printed += String(chunk);
    return write(chunk, ...rest);
  };
}
const events = [];
const progress = [];
let words = 0;
const count = () => { words += 1; };
const options = { data, strategy: 'linear-probe', seed: 5 };

// The first run starts the backend; what that keeps is not the run's.
await fineTune({ ...options, out: `${out}-warm` });
const before = tf.memory().numTensors;
const { bundle } = await fineTune({
  ...options, out,
  onEvent: ({ type }) => events.push(type),
  logger: { debug: count, info: count, warn: count },
  onProgress: ({ label, finished }) => { if (finished) progress.push(label); },
});
const after = tf.memory().numTensors;

const controller = new AbortController();
const aborted = await fineTune({ ...options, out: `${out}-stopped`, signal: controller.signal, onEvent: ({ type }) => { if (type === 'dataset') controller.abort(); } })
  .then(() => 'finished', ({ code }) => code);
const wrong = await fineTune({ ...options, sead: 1 }).then(() => 'finished', ({ code }) => code);
const seen = printed;
console.log(JSON.stringify({ bundle, events, progress, words, tensors: [before, after], aborted, wrong, printed: seen }));
