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

let guests = 0;
let host = '';

/**
 * Does the work of a run, of which several may be under way, whose engines make backends the active ones as they like. Each is told which was active before
 * the first of them began, and when the last has ended that one is active again.
 */
export async function asGuest<Result>(work: (backend: string) => Promise<Result>): Promise<Result> {
  if (guests === 0) host = tf.getBackend();
  guests += 1;
  try {
    return await work(host);
  } finally {
    guests -= 1;
    if (guests === 0 && host && tf.getBackend() !== host) await tf.setBackend(host);
  }
}
