import { greetQuietly, startWasmQuietly } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';

/** Whether the plain JavaScript backend is there because we have put it there. */
let plainIsOurs = false;

let turn: Promise<unknown> = Promise.resolve();

/**
 * Makes sure that tfjs has a backend, without its greeting. A backend that the embedding program has registered is
 * left alone; otherwise WebAssembly where it starts, plain JavaScript elsewhere.
 * @param use `weights`: tfjs holds a network that an engine is made of, and plain JavaScript does. Default `computing`
 * @returns name of the backend in use
 */
export function readyBackend(use: 'computing' | 'weights' = 'computing'): Promise<string> {
  // One call after the other: tfjs takes a backend whose start another has overtaken for one that does not start.
  const ready = turn.then(() => start(use), () => start(use));
  turn = ready;
  return ready;
}

async function start(use: 'computing' | 'weights'): Promise<string> {
  const registered = Object.keys(tf.engine().registryFactory ?? {}).filter((name) => !(plainIsOurs && name === 'cpu'));
  if (registered.length === 0) {
    plainIsOurs = true;
    await import('@tensorflow/tfjs-backend-cpu');
    if (use === 'computing') await import('@tensorflow/tfjs-backend-wasm');
    if (use === 'weights' || !(await startWasmQuietly(() => tf.setBackend('wasm')))) await tf.setBackend('cpu');
  }
  // What the embedding program has registered is perhaps started here for the first time.
  await startWasmQuietly(() => tf.ready());
  greetQuietly();
  return tf.getBackend();
}
