import type { Layer } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import { relu, relu6, relu6Gradient, reluGradient } from '../operators.js';
import { usedUp } from './used-up.js';

export type Rectifier = 'relu' | 'relu6';

/** Which rectifier a layer is; undefined for all other layers. */
export function rectifierOf(layer: Layer): Rectifier | undefined {
  const config = layer.getConfig();
  if (layer.getClassName() === 'Activation') return config['activation'] === 'relu6' || config['activation'] === 'relu' ? config['activation'] : undefined;
  if (layer.getClassName() !== 'ReLU' || config['negativeSlope'] || config['threshold']) return undefined;
  const ceiling = config['maxValue'] ?? null;
  return ceiling === null ? 'relu' : ceiling === 6 ? 'relu6' : undefined;
}

/** max(x, 0), or min(max(x, 0), 6). */
export const rectified = (x: tf.Tensor, kind: Rectifier): tf.Tensor => (kind === 'relu' ? relu(x) : relu6(x));

/** dy where the rectifier lets it through, from its result y. */
export const throughRectifier = (dy: tf.Tensor, y: tf.Tensor, kind: Rectifier): tf.Tensor => (kind === 'relu' ? reluGradient(dy, y) : relu6Gradient(dy, y));

/** A rectifier with TensorFlow's own gradient, one pass over memory. */
export function rectifier(x: tf.Tensor, kind: Rectifier): tf.Tensor {
  const compute = tf.customGrad((input, save) => {
    const value = rectified(input as tf.Tensor, kind);
    (save as tf.GradSaveFunc)([value]);
    return { value, gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => usedUp(saved, () => throughRectifier(dy, saved[0]!, kind)) };
  });
  return compute(x);
}
