/** Loads a bundle and classifies an image in a worker thread, whose `process.env` is a copy of its own: node classify-in-worker.mjs BUNDLE IMAGE */
import { once } from 'node:events';
import { Worker, isMainThread, workerData } from 'node:worker_threads';

if (isMainThread) {
  const [bundle, image] = process.argv.slice(2);
  const worker = new Worker(new URL(import.meta.url), { stdout: true, workerData: { bundle, image } });
  const answers = [];
  worker.stdout.on('data', (text) => answers.push(text));
  await once(worker, 'exit');
  console.log(JSON.stringify({ ...JSON.parse(answers.join('')), variable: process.env.ORT_DISABLE_TELEMETRY ?? null }));
} else {
  const { load } = await import('cultivar');
  const model = await load(workerData.bundle);
  const [best] = await model.classify(workerData.image);
  await model.dispose();
  console.log(JSON.stringify({ label: best.label }));
}
