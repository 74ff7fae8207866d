import * as tf from '@tensorflow/tfjs-core';

let working = 0;
let before = '';

/**
 * Does something with this backend of tfjs the active one, and gives the one that was active back once nothing of the kind is in work:
 * the embedding program has chosen it.
 */
export async function onBackend<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  if (working === 0) {
    if (tf.getBackend() === name) return work();
    before = tf.getBackend();
  }
  working += 1;
  try {
    if (tf.getBackend() !== name) await tf.setBackend(name);
    return await work();
  } finally {
    working -= 1;
    if (working === 0 && before && tf.getBackend() !== before) await tf.setBackend(before);
  }
}
