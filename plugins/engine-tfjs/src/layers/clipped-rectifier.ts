import type { Layer } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import { usedUp } from './used-up.js';

/** The ceiling of a rectifier that has one (relu6); undefined for all other layers. */
export function ceilingOf(layer: Layer): number | undefined {
  const config = layer.getConfig();
  if (layer.getClassName() === 'Activation') return config['activation'] === 'relu6' ? 6 : undefined;
  if (layer.getClassName() === 'ReLU') return typeof config['maxValue'] === 'number' ? config['maxValue'] : undefined;
  return undefined;
}

/** dy where 0 < y < ceiling, else 0. That is where y (ceiling - y) > 0: fewer passes over memory than comparisons and a selection. */
export const throughCeiling = (dy: tf.Tensor, y: tf.Tensor, ceiling: number): tf.Tensor => tf.mul(dy, tf.step(tf.mul(y, tf.sub(ceiling, y))));

/** y = min(max(x, 0), ceiling); dx = dy where 0 < y < ceiling, else 0. tfjs-layers composes it from more passes. */
export function clippedRectifier(x: tf.Tensor, ceiling: number): tf.Tensor {
  const clip = tf.customGrad((input, save) => {
    const value = tf.clipByValue(input as tf.Tensor, 0, ceiling);
    (save as tf.GradSaveFunc)([value]);
    return {
      value,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => usedUp(saved, () => throughCeiling(dy, saved[0]!, ceiling)),
    };
  });
  return clip(x);
}
