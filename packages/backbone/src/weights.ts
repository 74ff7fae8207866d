import type { TensorData } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';

/** Number of weights, moving statistics included. */
export function countParameters(model: LayersModel): number {
  return model.weights.reduce((sum, weight) => sum + weight.shape.reduce<number>((product, side) => product * (side ?? 1), 1), 0);
}

/**
 * Copies all weights out of the backend, batch-norm statistics included, by their name in the model. Names are those
 * of the file (`originalName`): tfjs makes `name` unique in the process, so it differs between two loads of one file.
 */
export function captureWeights(model: LayersModel): Record<string, TensorData> {
  return Object.fromEntries(model.weights.map((weight) => {
    const value = weight.read();
    return [weight.originalName, { data: Float32Array.from(value.dataSync()), shape: [...value.shape] }];
  }));
}

/**
 * Puts captured values back, in place. Weights that the snapshot does not name stay as they are.
 * @throws Error if the snapshot names a weight that the model has not, or another shape
 */
export function restoreWeights(model: LayersModel, snapshot: Readonly<Record<string, TensorData>>): void {
  const byName = new Map(model.weights.map((weight) => [weight.originalName, weight]));
  tf.tidy(() => {
    for (const [name, { data, shape }] of Object.entries(snapshot)) {
      const weight = byName.get(name);
      if (!weight) throw new Error(`The model ${model.name} has no weight ${name}`);
      weight.write(tf.tensor(data, shape, weight.dtype as 'float32'));
    }
  });
}
