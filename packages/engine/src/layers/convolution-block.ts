import * as tf from '@tensorflow/tfjs-core';
import type { Activation, Kernels, Window } from '../kernels.js';
import type { Layer } from '../network/flat-network.js';
import type { FrozenNormalization } from './batch-normalization.js';
import { usedUp } from './used-up.js';

/** A convolution with the frozen batch-norm and the rectifier behind it, where they are there. */
export interface ConvolutionBlock {
  convolution: Layer;
  batchNormalization?: Layer;
  /** Of that batch-norm; a program puts it here. */
  normalization?: FrozenNormalization;
  activation: Activation;
  /** The rectifier that wrote what the block alone reads: on the way back it takes the gradient through that, while it has x at hand. */
  before?: Activation;
  /** Its own rectifier is gone through on the way back by the block that reads it. */
  isThroughReader?: boolean;
}

const ones = (value: unknown): boolean => value === undefined || value === null || [value].flat().every((entry) => entry === 1);

/** What the window is, if it is one that a block takes; undefined otherwise. */
export function blockWindow(layer: Layer): Window | undefined {
  const type = layer.getClassName();
  if (type !== 'Conv2D' && type !== 'DepthwiseConv2D') return undefined;
  const { activation, dataFormat, dilationRate, padding, strides, kernelConstraint, biasConstraint } = layer.getConfig() as Record<string, unknown>;
  if ((activation ?? 'linear') !== 'linear' || (dataFormat ?? 'channelsLast') !== 'channelsLast' || !ones(dilationRate) || kernelConstraint || biasConstraint) return undefined;
  const pair = typeof strides === 'number' ? [strides, strides] : strides;
  if (!Array.isArray(pair) || pair.length !== 2 || (padding !== 'same' && padding !== 'valid')) return undefined;
  // Depthwise kernels know one stride for both directions.
  if (type === 'DepthwiseConv2D' && pair[0] !== pair[1]) return undefined;
  return { depthwise: type === 'DepthwiseConv2D', strides: pair as [number, number], pad: padding };
}

/** Scales stand along the output channels: the last two axes of a depthwise filter, the last of another. */
export function scaleShape(convolution: Layer): number[] {
  const [, , inputs, outputs] = convolution.weights[0]!.shape as [number, number, number, number];
  return blockWindow(convolution)!.depthwise ? [1, 1, inputs, outputs] : [outputs];
}

/**
 * y = f((W s) * x + b s + t), with s, t of the frozen batch-norm and f the rectifier. With g = dy f'(y):
 * dW = s (g convolved with x), db = s sum g, dx = g convolved with W s. Statistics, scale and offset get no gradient.
 * @param inputTrains false: nothing before the block is trained, and dx is left out
 */
export function convolutionBlock(block: ConvolutionBlock, x: tf.Tensor, inputTrains: boolean, kernels: Kernels): tf.Tensor {
  const window = blockWindow(block.convolution)!;
  const { activation, before = 'linear', isThroughReader = false } = block;
  const through = isThroughReader ? 'linear' : activation;
  const [kernel, bias] = block.convolution.weights.map((weight) => weight.read() as tf.Tensor);

  const compute = tf.customGrad((...inputs) => {
    const save = inputs.at(-1) as unknown as tf.GradSaveFunc;
    const [input, weight, offset] = inputs.slice(0, -1) as tf.Tensor[] as [tf.Tensor, tf.Tensor, tf.Tensor?];
    const affine = block.normalization?.scaleAndShift();
    const scaledOffset = offset && affine ? tf.mul(offset, affine.scale) : offset;
    const shift = affine && scaledOffset ? tf.add(scaledOffset, affine.shift) : affine?.shift ?? scaledOffset;
    const value = kernels.convolution({ x: input, filter: weight, scale: affine?.along, window, activation }, shift);
    save([input, weight, ...(through === 'linear' ? [] : [value]), ...(affine ? [affine.along, affine.scale] : [])]);

    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => usedUp(saved, () => {
      const [seen, filter, ...rest] = saved as [tf.Tensor, tf.Tensor, ...tf.Tensor[]];
      const y = through === 'linear' ? undefined : rest.shift();
      const [along, scale] = rest;
      const { dx, dFilter, dBias } = kernels.convolutionGradient({
        dy, y, x: seen, filter, scale: along, window, activation: through, before, inputTrains, biasTrains: offset !== undefined,
      });
      // A dx that is left out is never read.
      const gradients: tf.Tensor[] = [dx ?? tf.zeros([0]), dFilter];
      if (offset) gradients.push(scale ? tf.mul(dBias!, scale) : dBias!);
      return gradients;
    });
    return { value, gradFunc };
  });
  return bias ? compute(x, kernel!, bias) : compute(x, kernel!);
}
