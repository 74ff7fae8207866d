import type { Run } from '@cultivar/kernel';
import type { Optimizer, Random } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';

export interface Minimum {
  batchSize: number;
  /** It took so many. */
  epochs: number;
  trainLoss: number;
  trainAccuracy: number;
  testAccuracy: number;
  /** Mean training loss at each distance along random directions of the network's own scale. */
  profile: { distance: number; loss: number }[];
  /** How much the training loss rises, on average, at the largest distance. */
  sharpness: number;
}

export interface SharpnessOptions {
  batchSizes?: readonly number[];
  /** Most epochs of each training. */
  epochs?: number;
  /** Each training ends when its training loss has come down to this, so that minima of like depth are compared. */
  until?: number;
  /** Of momentum, the same for all batch sizes. */
  learningRate?: number;
  /** Random directions whose profiles are averaged. */
  directions?: number;
  /** Points of each of the two spirals, for training and again for testing. */
  points?: number;
  hidden?: number;
}

/** Where the profile is measured, in parts of each filter's own norm. */
export const distances = [-0.5, -0.4, -0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3, 0.4, 0.5];

/**
 * Batch size against flat or sharp minima: the same small network (two hidden layers of tanh) on the same drawn spirals from the same start, trained
 * with batches of several sizes; around the weights that each ends at, the training loss along random directions, each filter's part of the
 * direction scaled to the filter's norm, L(w + a d), d = g |w_i| / |g_i|.
 * Source: Keskar et al. 2017, "On large-batch training for deep learning: generalization gap and sharp minima"; the directions: Li et al. 2018, "Visualizing the
 * loss landscape of neural nets", section 4.
 */
export async function sharpness(run: Run, { batchSizes = [4, 32, 256], epochs = 1500, until = 0.05, learningRate = 0.02, directions = 8, points = 128, hidden = 16 }: SharpnessOptions = {}): Promise<Minimum[]> {
  const random = run.random.child('sharpness');
  const [training, testing] = [spirals(points, random.child('train')), spirals(points, random.child('test'))];
  const results: Minimum[] = [];
  try {
    for (const batchSize of batchSizes) {
      run.signal.throwIfAborted();
      const network = drawNetwork([2, hidden, hidden, 2], random.child('start'));
      try {
        const optimizer = run.create<Optimizer>('optimizer', { name: 'momentum' });
        const taken = descend(network, training, { optimizer, batchSize, epochs, until, learningRate, random: random.child('order') });
        const profile = distances.map((distance) => ({ distance, loss: 0 }));
        for (let direction = 0; direction < directions; direction += 1) {
          const step = drawDirection(network, random.child('direction').child(direction));
          for (const place of profile) place.loss += lossAlong(network, step, place.distance, training) / directions;
          tf.dispose(step);
        }
        const trainLoss = lossAlong(network, undefined, 0, training);
        results.push({
          batchSize, epochs: taken, trainLoss, trainAccuracy: accuracyOf(network, training), testAccuracy: accuracyOf(network, testing), profile,
          sharpness: (profile[0]!.loss + profile.at(-1)!.loss) / 2 - trainLoss,
        });
      } finally {
        tf.dispose(network);
      }
      await new Promise(setImmediate);
    }
  } finally {
    tf.dispose([training.x, training.y, testing.x, testing.y]);
  }
  return results;
}

interface Points {
  /** [N, 2] */
  x: tf.Tensor2D;
  /** [N, 2], one-hot */
  y: tf.Tensor2D;
}

/** Two arms wound around each other, with noise. */
function spirals(points: number, random: Random): Points {
  const x: number[] = [];
  const y: number[] = [];
  for (let arm = 0; arm < 2; arm += 1) {
    for (let index = 0; index < points; index += 1) {
      const t = Math.sqrt(random.uniform());
      const angle = 2 * Math.PI * t + arm * Math.PI;
      x.push(t * Math.cos(angle) + 0.04 * random.normal(), t * Math.sin(angle) + 0.04 * random.normal());
      y.push(1 - arm, arm);
    }
  }
  return { x: tf.tensor2d(x, [2 * points, 2]), y: tf.tensor2d(y, [2 * points, 2]) };
}

/** Kernels and biases in turn; LeCun's normal, biases zero. */
function drawNetwork(widths: readonly number[], random: Random): tf.Tensor2D[] {
  return widths.slice(1).flatMap((units, layer) => {
    const inputs = widths[layer]!;
    const stream = random.child(layer);
    const kernel = Float32Array.from({ length: inputs * units }, () => stream.normal() / Math.sqrt(inputs));
    return [tf.tensor2d(kernel, [inputs, units]), tf.zeros<tf.Rank.R2>([1, units])];
  });
}

function logits(weights: readonly tf.Tensor2D[], x: tf.Tensor2D): tf.Tensor2D {
  let y = x;
  for (let layer = 0; layer < weights.length; layer += 2) {
    y = tf.add(tf.matMul(y, weights[layer]!), weights[layer + 1]!);
    if (layer + 2 < weights.length) y = tf.tanh(y);
  }
  return y;
}

const crossEntropy = (weights: readonly tf.Tensor2D[], { x, y }: Points): tf.Scalar => tf.neg(tf.mean(tf.sum(tf.mul(y, tf.logSoftmax(logits(weights, x))), 1)));

function accuracyOf(weights: readonly tf.Tensor2D[], { x, y }: Points): number {
  return tf.tidy(() => tf.mean(tf.cast(tf.equal(tf.argMax(logits(weights, x), 1), tf.argMax(y, 1)), 'float32')).dataSync()[0]!);
}

interface Descent {
  optimizer: Optimizer;
  batchSize: number;
  epochs: number;
  until: number;
  learningRate: number;
  random: Random;
}

/** Changes the weights in place. @returns epochs that it took */
function descend(weights: tf.Tensor2D[], { x, y }: Points, { optimizer, batchSize, epochs, until, learningRate, random }: Descent): number {
  const slots = weights.map((): Record<string, tf.Tensor> => ({}));
  const gradients = tf.grads((...own: tf.Tensor[]) => crossEntropy(own.slice(0, -2) as tf.Tensor2D[], { x: own.at(-2) as tf.Tensor2D, y: own.at(-1) as tf.Tensor2D }));
  let step = 0;
  let done = 0;
  for (let epoch = 0; epoch < epochs && !(epoch % 5 === 0 && lossAlong(weights, undefined, 0, { x, y }) < until); epoch += 1) {
    done = epoch + 1;
    const order = random.child(epoch).permutation(x.shape[0]);
    for (let at = 0; at < order.length; at += batchSize) {
      step += 1;
      const own = tf.tidy(() => {
        const rows = tf.tensor1d(order.slice(at, at + batchSize), 'int32');
        return gradients([...weights, tf.gather(x, rows), tf.gather(y, rows)]).slice(0, weights.length);
      });
      own.forEach((gradient, index) => {
        const parameter = weights[index]!;
        const { moved, kept } = tf.tidy(() => {
          const { delta, slots: next } = optimizer.update({ gradient, slots: slots[index]!, step, learningRate, parameter });
          return { moved: tf.add<tf.Tensor2D>(parameter, delta), kept: Object.fromEntries(Object.entries(next).map(([name, value]) => [name, tf.clone(value)])) };
        });
        tf.dispose([parameter, gradient, ...Object.values(slots[index]!)]);
        weights[index] = moved;
        slots[index] = kept;
      });
    }
  }
  tf.dispose(slots);
  return done;
}

/** A random direction, each unit's incoming weights as long as they are in the network. */
function drawDirection(weights: readonly tf.Tensor2D[], random: Random): tf.Tensor2D[] {
  return weights.map((weight, index) => tf.tidy(() => {
    const stream = random.child(index);
    const drawn = tf.tensor2d(Float32Array.from({ length: weight.size }, () => stream.normal()), weight.shape);
    const length = (values: tf.Tensor2D) => tf.sqrt(tf.sum(tf.square(values), 0, true));
    return tf.mul(drawn, tf.div(length(weight), tf.maximum(length(drawn), 1e-12)));
  }));
}

function lossAlong(weights: readonly tf.Tensor2D[], direction: readonly tf.Tensor2D[] | undefined, distance: number, points: Points): number {
  return tf.tidy(() => crossEntropy(direction ? weights.map((weight, index) => tf.add<tf.Tensor2D>(weight, tf.mul(direction[index]!, distance))) : weights, points).dataSync()[0]!);
}
