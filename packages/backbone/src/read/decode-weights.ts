import * as tf from '@tensorflow/tfjs-core';
import type { ModelFiles } from './model-files.js';

/**
 * The weights of a network by name, quantised ones expanded.
 * @throws Error in words where one is not a number
 */
export function decodeWeights({ weightData, weightSpecs }: Pick<ModelFiles, 'weightData' | 'weightSpecs'>): Record<string, tf.Tensor> {
  return tf.tidy(() => {
    const weights = tf.io.decodeWeights(weightData, weightSpecs);
    for (const [name, weight] of Object.entries(weights)) {
      if (weight.dtype === 'float32' && !allFinite(weight.dataSync())) throw new Error(`weight ${name} holds values that are no numbers`);
    }
    return weights;
  });
}

function allFinite(values: ArrayLike<number>): boolean {
  for (let at = 0; at < values.length; at += 1) if (!Number.isFinite(values[at])) return false;
  return true;
}
