import { BlankTensor, failure, numbersOf } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import type { Activation, Kernels } from '../kernels.js';
import type { Layer } from '../network/flat-network.js';
import { usedUp } from './used-up.js';

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

export function normalisesLastAxis(layer: Layer, rank: number): boolean {
  const { axis } = layer.getConfig();
  return axis === undefined || axis === null || axis === -1 || axis === rank - 1;
}

function requireLastAxis(layer: Layer, rank: number, engine: string): void {
  if (normalisesLastAxis(layer, rank)) return;
  throw failure('ENGINE_UNSUPPORTED', { engine, layer: layer.name, type: layer.getClassName(), reason: `it normalises axis ${String(layer.getConfig()['axis'])}; the last is expected in training` });
}

/** Batch-norm that does not move is y = x scale + shift: scale = gamma / sqrt(variance + epsilon), shift = beta - mean scale; [C] each. */
export function frozenScaleAndShift(layer: Layer): { scale: tf.Tensor1D; shift: tf.Tensor1D } {
  const { gamma, beta, mean, variance, epsilon } = weightsOf(layer);
  const inverse = tf.rsqrt<tf.Tensor1D>(tf.add(variance, epsilon));
  const scale = gamma ? tf.mul<tf.Tensor1D>(inverse, gamma) : inverse;
  const drift = tf.mul<tf.Tensor1D>(mean, scale);
  return { scale, shift: beta ? tf.sub(beta, drift) : tf.neg(drift) };
}

/**
 * Scale and shift of a batch-norm that does not move, computed once and not at every step: again only where somebody has
 * given the layer other weights meanwhile.
 */
export class FrozenNormalization {
  private of: object[] = [];
  private known?: { scale: tf.Tensor1D; shift: tf.Tensor1D; along: tf.Tensor };

  /** @param shape of the scale where it is multiplied into a filter */
  constructor(readonly layer: Layer, private readonly shape: number[]) {
    this.scaleAndShift();
  }

  /** The caller leaves them as they are. */
  scaleAndShift(): { scale: tf.Tensor1D; shift: tf.Tensor1D; along: tf.Tensor } {
    const data = this.layer.weights.map((weight) => (weight.read() as tf.Tensor).dataId);
    if (this.known && data.every((id, index) => id === this.of[index])) return this.known;
    this.dispose();
    const { scale, shift } = tf.tidy(() => frozenScaleAndShift(this.layer));
    this.known = { scale: tf.keep(scale), shift: tf.keep(shift), along: tf.keep(tf.reshape(scale, this.shape)) };
    this.of = data;
    return this.known;
  }

  dispose(): void {
    if (this.known) tf.dispose(Object.values(this.known));
    this.known = undefined;
  }
}

/** Batch-norm that does not move, where no convolution takes it in; its gradient is dx = dy scale. Statistics, scale and offset get none. */
export function frozenBatchNormalization(layer: Layer, x: tf.Tensor): tf.Tensor {
  const normalise = tf.customGrad((...inputs) => {
    const [input, save] = inputs as unknown as [tf.Tensor, tf.GradSaveFunc];
    const { scale, shift } = frozenScaleAndShift(layer);
    save([scale]);
    return { value: tf.add(tf.mul(input, scale), shift), gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.mul(dy, saved[0]!) };
  });
  return normalise(x);
}

/** Scale and offset of a layer, ones and zeros where it has none, [C]; and its epsilon. */
export function normalizationWeights(layer: Layer): { gamma: tf.Tensor; beta: tf.Tensor; epsilon: number } {
  const { gamma, beta, mean, epsilon } = weightsOf(layer);
  return { gamma: gamma ?? tf.ones(mean.shape), beta: beta ?? tf.zeros(mean.shape), epsilon };
}

/**
 * Batch-norm on the statistics of the batch, and the rectifier behind it, through the engine's kernels for them and their gradient.
 * (Ioffe & Szegedy 2015)
 * @param seen gets the statistics; the caller disposes them
 */
export function trainedBatchNormalization(layer: Layer, x: tf.Tensor, activation: Activation, seen: BatchStatistics[], kernels: Kernels): tf.Tensor {
  requireLastAxis(layer, x.rank, kernels.engine);
  const channels = x.shape.at(-1)!;
  const { gamma, beta, epsilon } = normalizationWeights(layer);
  const normalise = tf.customGrad((...inputs) => {
    const [input, factor, offset] = inputs as tf.Tensor[] as [tf.Tensor, tf.Tensor, tf.Tensor];
    const save = inputs.at(-1) as unknown as tf.GradSaveFunc;
    const { y, mean, variance, saved: kept } = kernels.batchNormalization(input, factor, offset, epsilon, activation);
    seen.push({ layer, mean: tf.keep(tf.clone(mean)) as tf.Tensor1D, variance: tf.keep(tf.clone(variance)) as tf.Tensor1D });
    save([factor, ...kept]);
    return {
      value: y,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => usedUp(saved, () => kernels.batchNormalizationGradient(dy, saved[0]!, saved.slice(1), epsilon, activation)),
    };
  });
  // Kernels want images: places of any other shape stand in a column.
  if (x.rank === 4) return normalise(x, gamma, beta);
  return tf.reshape(normalise(tf.reshape(x, [x.size / channels, 1, 1, channels]), gamma, beta), x.shape);
}

/**
 * moving = momentum * moving + (1 - momentum) * batch, for all layers of one momentum at once: a few operators, not six a
 * layer. Disposes the statistics.
 */
export function moveStatistics(seen: BatchStatistics[], momentum?: number): void {
  const byMomentum = new Map<number, { moving: tf.Variable; batch: tf.Tensor1D }[]>();
  const all = seen.splice(0);
  for (const { layer, mean, variance } of all) {
    const weights = weightsOf(layer);
    const keep = momentum ?? weights.momentum;
    const group = byMomentum.get(keep) ?? [];
    group.push({ moving: weights.mean, batch: mean }, { moving: weights.variance, batch: variance });
    byMomentum.set(keep, group);
  }
  for (const [keep, group] of byMomentum) {
    tf.tidy(() => {
      const moving = tf.concat(group.map((one) => one.moving as tf.Tensor as tf.Tensor1D));
      const mixed = tf.add(tf.mul(moving, keep), tf.mul(tf.concat(group.map(({ batch }) => batch)), 1 - keep));
      tf.split(mixed, group.map(({ batch }) => batch.size)).forEach((value, index) => group[index]!.moving.assign(value));
    });
  }
  for (const { mean, variance } of all) tf.dispose([mean, variance]);
}

/**
 * The same for statistics that are plain numbers: of one layer, [C] each, the variance unbiased. One by one where WebAssembly would be asked
 * some hundred times for a few numbers each (measured: 5 ms of a step of MobileNetV2).
 */
export function moveStatisticsBy(layer: Layer, batch: { mean: ArrayLike<number>; variance: ArrayLike<number> }, momentum?: number): void {
  const weights = weightsOf(layer);
  const keep = momentum ?? weights.momentum;
  for (const own of ['mean', 'variance'] as const) {
    const moved = new BlankTensor(weights[own].shape);
    const [moving, seen, target] = [numbersOf(weights[own] as tf.Tensor), batch[own], moved.numbers];
    for (let channel = 0; channel < target.length; channel += 1) target[channel] = keep * moving[channel]! + (1 - keep) * seen[channel]!;
    const tensor = moved.written();
    weights[own].assign(tensor);
    tensor.dispose();
  }
}
