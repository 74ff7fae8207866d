import * as tf from '@tensorflow/tfjs-core';
import type { Kernels, Rectifier } from '../kernels.js';
import type { Layer } from '../network/flat-network.js';
import { usedUp } from './used-up.js';

/** Which rectifier a layer is; undefined for all other layers. */
export function rectifierOf(layer: Layer): Rectifier | undefined {
  const config = layer.getConfig();
  if (layer.getClassName() === 'Activation') return config['activation'] === 'relu6' || config['activation'] === 'relu' ? config['activation'] : undefined;
  if (layer.getClassName() !== 'ReLU' || config['negativeSlope'] || config['threshold']) return undefined;
  const ceiling = config['maxValue'] ?? null;
  return ceiling === null ? 'relu' : ceiling === 6 ? 'relu6' : undefined;
}

/** A rectifier with the engine's own gradient, from its result: tfjs-layers composes relu6 from several passes over memory. */
export function rectifier(x: tf.Tensor, kind: Rectifier, kernels: Kernels): tf.Tensor {
  const compute = tf.customGrad((input, save) => {
    const value = kernels.rectified(input as tf.Tensor, kind);
    (save as tf.GradSaveFunc)([value]);
    return { value, gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => usedUp(saved, () => kernels.throughRectifier(dy, saved[0]!, kind)) };
  });
  return compute(x);
}
