import * as tf from '@tensorflow/tfjs-core';

/**
 * Runs the gradient of an operator and frees what it has made on its way and what was saved for it. tfjs by itself does
 * both only once the whole backward pass is through, at the price of twice the memory.
 */
export function usedUp<T extends tf.Tensor | tf.Tensor[]>(saved: tf.Tensor[], gradient: () => T): T {
  const result = tf.tidy(gradient as () => tf.Tensor[]) as T;
  tf.dispose(saved);
  return result;
}
