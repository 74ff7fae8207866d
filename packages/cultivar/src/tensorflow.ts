import * as tf from '@tensorflow/tfjs-core';

/**
 * Makes sure that tfjs has a backend, without its greeting. A backend that the embedding program has registered is
 * left alone; otherwise WebAssembly where it starts, plain JavaScript elsewhere.
 * @returns name of the backend in use
 */
export async function readyBackend(): Promise<string> {
  const registered = Object.keys(tf.engine().registryFactory ?? {});
  if (registered.length === 0) {
    await import('@tensorflow/tfjs-backend-cpu');
    await import('@tensorflow/tfjs-backend-wasm');
    if (!(await tf.setBackend('wasm'))) await tf.setBackend('cpu');
  }
  await tf.ready();
  greetQuietly();
  return tf.getBackend();
}

/** The JavaScript backend advertises tfjs-node at its first write; production mode, for that one write, keeps it quiet. */
function greetQuietly(): void {
  const before = tf.env().getBool('PROD');
  tf.env().set('PROD', true);
  try {
    tf.dispose(tf.tensor1d([0]));
  } finally {
    tf.env().set('PROD', before);
  }
}
