import type { Random } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';

export type Activation = 'tanh' | 'relu';

/** Each layer's output, and the gradient of the loss with respect to it. */
export interface Passes {
  activations: tf.Tensor2D[];
  gradients: tf.Tensor2D[];
  /** Of the loss with respect to each kernel but the last. */
  kernelGradients: tf.Tensor2D[];
}

/**
 * One pass forward and one backward through h_l = f(h_(l-1) W_l), a linear layer and softmax cross-entropy behind it. Written out,
 * since the gradient of each layer's output is what is wanted. Call it inside `tf.tidy`.
 * @param kernels of the hidden layers, then that of the linear layer
 * @param labels of the samples
 */
export function passes(input: tf.Tensor2D, kernels: readonly tf.Tensor2D[], labels: readonly number[], activation: Activation): Passes {
  const hidden = kernels.slice(0, -1);
  const last = kernels.at(-1)!;
  const activations: tf.Tensor2D[] = [];
  for (const kernel of hidden) {
    const sum = tf.matMul(activations.at(-1) ?? input, kernel);
    activations.push((activation === 'tanh' ? tf.tanh(sum) : tf.relu(sum)) as tf.Tensor2D);
  }
  const top = activations.at(-1) ?? input;
  const targets = tf.cast(tf.oneHot(tf.tensor1d([...labels], 'int32'), last.shape[1]), 'float32');
  const error = tf.div(tf.sub(tf.softmax(tf.matMul(top, last)), targets), labels.length) as tf.Tensor2D;
  const gradients: tf.Tensor2D[] = [];
  const kernelGradients: tf.Tensor2D[] = [];
  let arriving = tf.matMul(error, last, false, true) as tf.Tensor2D;
  for (let layer = hidden.length - 1; layer >= 0; layer -= 1) {
    gradients.unshift(arriving);
    const output = activations[layer]!;
    // tanh' = 1 - tanh^2; relu' = 1 where it is awake.
    const slope = activation === 'tanh' ? tf.sub(1, tf.square(output)) : tf.step(output);
    const before = tf.mul(arriving, slope) as tf.Tensor2D;
    kernelGradients.unshift(tf.matMul(activations[layer - 1] ?? input, before, true) as tf.Tensor2D);
    arriving = tf.matMul(before, hidden[layer]!, false, true) as tf.Tensor2D;
  }
  return { activations, gradients, kernelGradients };
}

/** Samples of standard normal features, and labels drawn evenly. */
export function drawnSamples(random: Random, samples: number, width: number, classes: number): { input: tf.Tensor2D; labels: number[] } {
  const features = random.child('features');
  const drawn = random.child('labels');
  return {
    input: tf.tensor2d(Float32Array.from({ length: samples * width }, () => features.normal()), [samples, width]),
    labels: Array.from({ length: samples }, () => drawn.integer(classes)),
  };
}
