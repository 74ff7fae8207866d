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

/** y = f(x convolved with filter scale + bias). */
export interface Convolution {
  x: Tensor;
  filter: Tensor;
  /** One number for each output channel, in a shape that the filter is multiplied by: [N], or [1,1,C,M] for a depthwise one. */
  scale: Tensor | undefined;
  window: Window;
  activation: Activation;
}

/** A convolution that was computed, and what came back to it. */
export interface ConvolutionStep extends Convolution {
  dy: Tensor;
  /** Its result; undefined where dy has come through the rectifier already, or there is none. */
  y: Tensor | undefined;
  /** The rectifier that x is the result of, where dx is to come through it: 'linear' where not. */
  before: Activation;
  /** Whether anybody reads dx, and whether dBias. */
  inputTrains: boolean;
  biasTrains: boolean;
}

export interface ConvolutionGradient {
  dx?: Tensor;
  dFilter: Tensor;
  dBias?: Tensor;
}

/** A batch-norm that trains and the rectifier behind it, which whoever reads the tensor applies on the way. */
export interface Pending {
  /** [4,C]: scale and shift of x scale + shift, mean of x, 1 / sqrt(variance + epsilon). */
  affine: Tensor;
  activation: Activation;
}

/** A convolution whose batch-norm is pending, as may be the one before it. */
export interface Link {
  x: Tensor;
  before: Pending | undefined;
  filter: Tensor;
  window: Window;
}

/** What batch-norm on the batch comes to, of a tensor whose last axis has C places. */
export interface Statistics {
  /** As in `Pending`. */
  affine: Tensor;
  /** [C]. */
  mean: Tensor;
  /** [C], unbiased. */
  variance: Tensor;
}

/** Of the pending batch-norm: what its weights get, and what the gradient of its input needs besides, [2,C]. */
export interface Moments {
  dGamma: Tensor;
  dBeta: Tensor;
  slopes: Tensor;
}

/**
 * Convolutions in a row, each with a batch-norm that trains: nothing normalised is ever written, nor read again for a
 * sum. z stands for the result f(x scale + shift) that the next one sees, y for what a convolution writes.
 */
export interface ChainKernels {
  /** Whether `link` takes that convolution, and `linkGradient` where the gradient of its input is asked for or not. */
  takes(filter: number[], window: Window, inputTrains: boolean): boolean;
  link(link: Link, gamma: Tensor, beta: Tensor, epsilon: number): Statistics & { y: Tensor };
  statistics(y: Tensor, gamma: Tensor, beta: Tensor, epsilon: number): Statistics;
  applied(y: Tensor, pending: Pending): Tensor;
  /** From the gradient of z. */
  moments(dz: Tensor, y: Tensor, pending: Pending): Moments;
  /** @returns the gradient of y */
  gradient(dz: Tensor, y: Tensor, pending: Pending, slopes: Tensor): Tensor;
  /** @returns dx: the gradient of what the convolution saw, z of the link before; absent where `inputTrains` is false; `before`: of the batch-norm before, if there is one */
  linkGradient(link: Link, dz: Tensor, y: Tensor, pending: Pending, slopes: Tensor, inputTrains: boolean): { dx?: Tensor; dFilter: Tensor; before?: Moments };
}

/**
 * The operators for which an engine has its own way where a network trains; all others are plain tfjs. Images are
 * [B,H,W,C]; filters [h,w,C,N], depthwise ones [h,w,C,M]. They run inside tf.tidy, and know no gradients of their own.
 */
export interface Kernels {
  /** The engine's name, for errors. */
  readonly engine: string;
  /** The bias [N] is not scaled. */
  convolution(of: Convolution, bias: Tensor | undefined): Tensor;
  /** Of the above; dFilter is that of the filter before its scale. */
  convolutionGradient(of: ConvolutionStep): ConvolutionGradient;
  rectified(x: Tensor, kind: Rectifier): Tensor;
  /** dy where the rectifier lets it through, else 0; from its result y. */
  throughRectifier(dy: Tensor, y: Tensor, kind: Rectifier): Tensor;
  /** y = f(gamma (x - mean) / sqrt(variance + epsilon) + beta) on the statistics of the batch, the biased variance; gamma, beta [C]. */
  batchNormalization(x: Tensor, gamma: Tensor, beta: Tensor, epsilon: number, activation: Activation): Normalised;
  /** @returns dx, dgamma, dbeta */
  batchNormalizationGradient(dy: Tensor, gamma: Tensor, saved: readonly Tensor[], epsilon: number, activation: Activation): [Tensor, Tensor, Tensor];
  /** Where the engine has them. */
  chain?(): ChainKernels | undefined;
}
