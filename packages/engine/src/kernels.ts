import type { Tensor } from '@tensorflow/tfjs-core';

/** How a convolution's window moves. */
export interface Window {
  depthwise: boolean;
  strides: [number, number];
  pad: 'same' | 'valid';
}

/** max(x, 0), or min(max(x, 0), 6). */
export type Rectifier = 'relu' | 'relu6';
export type Activation = 'linear' | Rectifier;

export interface Normalised {
  y: Tensor;
  /** Of the batch, [C]. */
  mean: Tensor;
  /** Of the batch, [C], unbiased. */
  variance: Tensor;
  /** What the gradient wants back. */
  saved: Tensor[];
}

/** A convolution that was computed, and what came back to it. */
export interface ConvolutionStep {
  dy: Tensor;
  /** Its result; undefined where the activation is linear. */
  y: Tensor | undefined;
  x: Tensor;
  filter: Tensor;
  window: Window;
  activation: Activation;
  /** Whether anybody reads dx, and whether dBias. */
  inputTrains: boolean;
  biasTrains: boolean;
}

export interface ConvolutionGradient {
  dx?: Tensor;
  dFilter: Tensor;
  dBias?: Tensor;
}

/**
 * The operators for which an engine has its own way where a network trains; all others are plain tfjs. Images are
 * [B,H,W,C]; filters [h,w,C,N], depthwise ones [h,w,C,M]. They run inside tf.tidy, and know no gradients of their own.
 */
export interface Kernels {
  /** The engine's name, for errors. */
  readonly engine: string;
  /** f(x convolved with filter + bias). */
  convolution(x: Tensor, filter: Tensor, bias: Tensor | undefined, window: Window, activation: Activation): Tensor;
  /** Of the above. */
  convolutionGradient(of: ConvolutionStep): ConvolutionGradient;
  rectified(x: Tensor, kind: Rectifier): Tensor;
  /** dy where the rectifier lets it through, else 0; from its result y. */
  throughRectifier(dy: Tensor, y: Tensor, kind: Rectifier): Tensor;
  /** y = f(gamma (x - mean) / sqrt(variance + epsilon) + beta) on the statistics of the batch, the biased variance; gamma, beta [C]. */
  batchNormalization(x: Tensor, gamma: Tensor, beta: Tensor, epsilon: number, activation: Activation): Normalised;
  /** @returns dx, dgamma, dbeta */
  batchNormalizationGradient(dy: Tensor, gamma: Tensor, saved: readonly Tensor[], epsilon: number, activation: Activation): [Tensor, Tensor, Tensor];
}
