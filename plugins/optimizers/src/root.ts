import * as tf from '@tensorflow/tfjs-core';
import { positive, z } from '@cultivar/sdk';

/** Options of optimizers that divide by a root. @param epsilon default */
export const rootOptions = (epsilon: number) => ({
  epsilon: positive.default(epsilon).describe('Against division by zero'),
  epsilonInside: z.boolean().default(false).describe('Add epsilon under the root: sqrt(x + epsilon); otherwise behind it: sqrt(x) + epsilon'),
});

/** sqrt(square) + epsilon, or sqrt(square + epsilon). */
export function root(square: tf.Tensor, { epsilon, epsilonInside }: { epsilon: number; epsilonInside: boolean }): tf.Tensor {
  return epsilonInside ? tf.sqrt(tf.add(square, epsilon)) : tf.add(tf.sqrt(square), epsilon);
}
