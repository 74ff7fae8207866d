import { failure } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import type { Layer } from '../network.js';
import { sumOverPlaces } from './channel-sums.js';

/** The weights of a batch-norm layer; gamma or beta are missing where the layer has scale or center off. */
interface Weights {
  gamma?: tf.Variable;
  beta?: tf.Variable;
  mean: tf.Variable;
  variance: tf.Variable;
  epsilon: number;
  momentum: number;
}

/** Statistics of a batch, [C] each, to be mixed into the moving ones once the step is through. */
export interface BatchStatistics {
  layer: Layer;
  mean: tf.Tensor1D;
  /** Unbiased. */
  variance: tf.Tensor1D;
}

export const isBatchNormalization = (layer: Layer): boolean => layer.getClassName() === 'BatchNormalization';

function weightsOf(layer: Layer): Weights {
  const byName = new Map(layer.weights.map((variable) => [variable.originalName.split('/').at(-1), variable.read() as tf.Variable]));
  const { epsilon, momentum } = layer.getConfig();
  return {
    gamma: byName.get('gamma'), beta: byName.get('beta'), mean: byName.get('moving_mean')!, variance: byName.get('moving_variance')!,
    epsilon: typeof epsilon === 'number' ? epsilon : 1e-3,
    momentum: typeof momentum === 'number' ? momentum : 0.99,
  };
}

function requireLastAxis(layer: Layer, x: tf.Tensor): void {
  const { axis } = layer.getConfig();
  if (axis === undefined || axis === null || axis === -1 || axis === x.rank - 1) return;
  throw failure('ENGINE_UNSUPPORTED', { engine: 'tfjs', layer: layer.name, type: layer.getClassName(), reason: `it normalises axis ${String(axis)}; the last is expected in training` });
}

/**
 * Batch-norm that does not move: y = x s + t with s = gamma / sqrt(variance + epsilon), t = beta - mean s.
 * Its gradient is dx = dy s; statistics, scale and offset get none.
 */
export function frozenBatchNormalization(layer: Layer, x: tf.Tensor): tf.Tensor {
  requireLastAxis(layer, x);
  const { gamma, beta, mean, variance, epsilon } = weightsOf(layer);
  const scale = () => tf.tidy(() => {
    const inverse = tf.rsqrt(tf.add(variance, epsilon));
    return gamma ? tf.mul(inverse, gamma) : inverse;
  });
  const normalise = tf.customGrad((input) => ({
    value: tf.batchNorm(input as tf.Tensor, mean as tf.Tensor as tf.Tensor1D, variance as tf.Tensor as tf.Tensor1D, beta as tf.Tensor1D | undefined, gamma as tf.Tensor1D | undefined, epsilon),
    gradFunc: (dy: tf.Tensor) => tf.mul(dy, scale()),
  }));
  return normalise(x);
}

/**
 * Batch-norm on the statistics of the batch: h = (x - mean) / sqrt(variance + epsilon), y = gamma h + beta. Over the N places of a channel
 * dbeta = sum dy, dgamma = sum dy h, dx = gamma / sqrt(variance + epsilon) * (dy - dbeta / N - h dgamma / N). (Ioffe & Szegedy 2015)
 * @param seen gets the statistics; the caller disposes them
 */
export function trainedBatchNormalization(layer: Layer, x: tf.Tensor, seen: BatchStatistics[]): tf.Tensor {
  requireLastAxis(layer, x);
  const weights = weightsOf(layer);
  const channels = x.shape.at(-1)!;
  const places = x.size / channels;
  const gamma: tf.Tensor = weights.gamma ?? tf.ones([channels]);
  const beta: tf.Tensor = weights.beta ?? tf.zeros([channels]);
  const normalise = tf.customGrad((...inputs) => {
    const [input, factor, offset] = inputs as tf.Tensor[] as [tf.Tensor, tf.Tensor, tf.Tensor];
    const save = inputs.at(-1) as unknown as tf.GradSaveFunc;
    const mean = tf.div(sumOverPlaces(input), places);
    const centred = tf.sub(input, mean);
    const variance = tf.div(sumOverPlaces(tf.square(centred)), places);
    const inverse = tf.rsqrt(tf.add(variance, weights.epsilon));
    const normalised = tf.mul(centred, inverse);
    seen.push({ layer, mean: tf.keep(tf.clone(mean)) as tf.Tensor1D, variance: tf.keep(tf.mul(variance, places / Math.max(places - 1, 1))) as tf.Tensor1D });
    save([normalised, inverse, factor]);
    return {
      value: tf.add(tf.mul(normalised, factor), offset),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [h, scale, gain] = saved as [tf.Tensor, tf.Tensor, tf.Tensor];
        const dBeta = sumOverPlaces(dy);
        const dGamma = sumOverPlaces(tf.mul(dy, h));
        const dx = tf.mul(tf.sub(tf.sub(dy, tf.div(dBeta, places)), tf.mul(h, tf.div(dGamma, places))), tf.mul(scale, gain));
        return [dx, dGamma, dBeta];
      },
    };
  });
  return normalise(x, gamma, beta);
}

/** moving = momentum * moving + (1 - momentum) * batch. Disposes the statistics. */
export function moveStatistics(seen: BatchStatistics[], momentum?: number): void {
  for (const { layer, mean, variance } of seen.splice(0)) {
    tf.tidy(() => {
      const weights = weightsOf(layer);
      const keep = momentum ?? weights.momentum;
      weights.mean.assign(tf.add(tf.mul(weights.mean, keep), tf.mul(mean, 1 - keep)));
      weights.variance.assign(tf.add(tf.mul(weights.variance, keep), tf.mul(variance, 1 - keep)));
    });
    mean.dispose();
    variance.dispose();
  }
}
