import type { Layer } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import { frozenScaleAndShift } from './batch-normalization.js';
import { sumOverPlaces } from './channel-sums.js';
import { throughCeiling } from './clipped-rectifier.js';
import { usedUp } from './used-up.js';

/** A convolution with the frozen batch-norm and the rectifier behind it, where they are there: one pass over memory. */
export interface ConvolutionBlock {
  convolution: Layer;
  batchNormalization?: Layer;
  activation: 'linear' | 'relu' | 'relu6';
}

type Pair = [number, number];
type Pad = 'same' | 'valid';

const ones = (value: unknown): boolean => value === undefined || value === null || [value].flat().every((entry) => entry === 1);

/** What the window is, if it is one that the kernels below take; undefined otherwise. */
export function blockWindow(layer: Layer): { depthwise: boolean; strides: Pair; pad: Pad } | undefined {
  const type = layer.getClassName();
  if (type !== 'Conv2D' && type !== 'DepthwiseConv2D') return undefined;
  const { activation, dataFormat, dilationRate, padding, strides, kernelConstraint, biasConstraint } = layer.getConfig() as Record<string, unknown>;
  if ((activation ?? 'linear') !== 'linear' || (dataFormat ?? 'channelsLast') !== 'channelsLast' || !ones(dilationRate) || kernelConstraint || biasConstraint) return undefined;
  const pair = typeof strides === 'number' ? [strides, strides] : strides;
  if (!Array.isArray(pair) || pair.length !== 2 || (padding !== 'same' && padding !== 'valid')) return undefined;
  return { depthwise: type === 'DepthwiseConv2D', strides: pair as Pair, pad: padding };
}

/**
 * y = f((W s) * x + b s + t), with s, t of the frozen batch-norm and f the rectifier. With g = dy f'(y):
 * dW = s (g convolved with x), db = s sum g, dx = g convolved with W s. Statistics, scale and offset get no gradient.
 * @param inputTrains false: nothing before the block is trained, and dx is left out
 */
export function convolutionBlock(block: ConvolutionBlock, x: tf.Tensor4D, inputTrains: boolean): tf.Tensor {
  const window = blockWindow(block.convolution)!;
  const [kernel, bias] = block.convolution.weights.map((weight) => weight.read() as tf.Tensor);
  const { depthwise, strides, pad } = window;
  const shape = kernel!.shape as [number, number, number, number];
  const channels = depthwise ? shape[2] * shape[3] : shape[3];
  // Scales stand along the output channels: the last two axes of a depthwise kernel, the last of another.
  const along = depthwise ? [1, 1, shape[2], shape[3]] : [channels];
  const attributes = { strides, pad, dataFormat: 'NHWC', dilations: [1, 1] };

  const compute = tf.customGrad((...inputs) => {
    const save = inputs.at(-1) as unknown as tf.GradSaveFunc;
    const [input, weight, offset] = inputs.slice(0, -1) as tf.Tensor[] as [tf.Tensor4D, tf.Tensor4D, tf.Tensor1D?];
    const affine = block.batchNormalization && frozenScaleAndShift(block.batchNormalization);
    const folded = affine ? tf.mul<tf.Tensor4D>(weight, tf.reshape(affine.scale, along)) : weight;
    const scaledOffset = offset && affine ? tf.mul(offset, affine.scale) : offset;
    const shift = affine && scaledOffset ? tf.add(scaledOffset, affine.shift) : affine?.shift ?? scaledOffset;
    const value = tf.engine().runKernel<tf.Tensor4D>(depthwise ? tf.FusedDepthwiseConv2D : tf.FusedConv2D,
      shift ? { x: input, filter: folded, bias: shift } : { x: input, filter: folded }, { ...attributes, activation: block.activation });
    save([input, folded, block.activation === 'linear' ? tf.zeros([0]) : value, ...(affine ? [affine.scale] : [])]);

    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => usedUp(saved, () => {
      const [seen, filter, y, scale] = saved as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D, tf.Tensor1D?];
      const inner = passRectifier(dy, y, block.activation);
      const name = depthwise ? [tf.DepthwiseConv2dNativeBackpropFilter, tf.DepthwiseConv2dNativeBackpropInput] as const : [tf.Conv2DBackpropFilter, tf.Conv2DBackpropInput] as const;
      const dFilter = tf.engine().runKernel<tf.Tensor4D>(name[0], { x: seen, dy: inner }, { ...attributes, filterShape: shape });
      // Never read where the input does not train.
      const dx = inputTrains ? tf.engine().runKernel<tf.Tensor4D>(name[1], { dy: inner, filter }, { ...attributes, inputShape: seen.shape }) : tf.zeros([0]);
      const gradients: tf.Tensor[] = [dx, scale ? tf.mul(dFilter, tf.reshape(scale, along)) : dFilter];
      if (offset) gradients.push(scale ? tf.mul(sumOverPlaces(inner), scale) : sumOverPlaces(inner));
      return gradients;
    });
    return { value, gradFunc };
  });
  return bias ? compute(x, kernel!, bias) : compute(x, kernel!);
}

/** dy f'(x), from y = f(x). */
function passRectifier(dy: tf.Tensor, y: tf.Tensor, activation: ConvolutionBlock['activation']): tf.Tensor {
  if (activation === 'linear') return dy;
  if (activation === 'relu') return tf.mul(dy, tf.step(y));
  return throughCeiling(dy, y, 6);
}
