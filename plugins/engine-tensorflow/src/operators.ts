/** TensorFlow's own operators, where tfjs knows no kernel for them. All take and give tensors of the backend `tensorflow`. */
import type { Kernels, Normalised, Window } from '@cultivar/engine';
import * as tf from '@tensorflow/tfjs-core';

export interface Attribute {
  name: string;
  type: number;
  value: unknown;
}

/** What tfjs-node's backend has beyond a tfjs backend. */
export interface TensorFlowBackend {
  /** Version of our own operators, where `cultivar native install` has put them in place and the processor can run them; they are for the CPU. */
  cultivarOperators?: number;
  binding: Record<'TF_ATTR_TYPE' | 'TF_ATTR_STRING' | 'TF_ATTR_INT' | 'TF_ATTR_FLOAT' | 'TF_ATTR_BOOL' | 'TF_FLOAT' | 'TF_INT32', number>;
  /** Keeps values in the backend. @returns the key to them */
  write(values: Float32Array, shape: number[], type: 'float32'): object;
  executeSingleOutput(name: string, attributes: Attribute[], inputs: tf.Tensor[]): tf.Tensor;
  executeMultipleOutputs(name: string, attributes: Attribute[], inputs: tf.Tensor[], count: number): tf.Tensor[];
}

export const backend = () => tf.backend() as unknown as TensorFlowBackend;
const float = (name: string, { binding }: TensorFlowBackend): Attribute => ({ name, type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT });

function elementwise(name: string, ...inputs: tf.Tensor[]): tf.Tensor {
  const native = backend();
  return native.executeSingleOutput(name, [float('T', native)], inputs);
}

export const relu = (x: tf.Tensor): tf.Tensor => elementwise('Relu', x);
export const relu6 = (x: tf.Tensor): tf.Tensor => elementwise('Relu6', x);
export const reluGradient = (dy: tf.Tensor, y: tf.Tensor): tf.Tensor => elementwise('ReluGrad', dy, y);
export const relu6Gradient = (dy: tf.Tensor, y: tf.Tensor): tf.Tensor => elementwise('Relu6Grad', dy, y);

const channelsLast = ({ binding }: TensorFlowBackend): Attribute => ({ name: 'data_format', type: binding.TF_ATTR_STRING, value: 'NHWC' });

/** x + bias along the last axis; [..., C] and [C]. */
export function biasAdd(x: tf.Tensor, bias: tf.Tensor): tf.Tensor {
  const native = backend();
  return native.executeSingleOutput('BiasAdd', [float('T', native), channelsLast(native)], [x, bias]);
}

/** Sums over all axes but the last: [..., C] -> [C]. */
export function biasGradient(dy: tf.Tensor): tf.Tensor {
  const native = backend();
  return native.executeSingleOutput('BiasAddGrad', [float('T', native), channelsLast(native)], [dy]);
}

function windowAttributes(native: TensorFlowBackend, { depthwise, strides, pad }: Window): Attribute[] {
  const { binding } = native;
  return [
    float('T', native), channelsLast(native),
    { name: 'strides', type: binding.TF_ATTR_INT, value: [1, ...strides, 1] },
    { name: 'padding', type: binding.TF_ATTR_STRING, value: pad.toUpperCase() },
    { name: 'dilations', type: binding.TF_ATTR_INT, value: [1, 1, 1, 1] },
    ...(depthwise ? [] : [{ name: 'use_cudnn_on_gpu', type: binding.TF_ATTR_BOOL, value: true }]),
  ];
}

/** x [B,H,W,C] convolved with a filter [h,w,C,N], or depthwise [h,w,C,M]. */
export function convolution(x: tf.Tensor, filter: tf.Tensor, window: Window): tf.Tensor {
  const native = backend();
  return native.executeSingleOutput(window.depthwise ? 'DepthwiseConv2dNative' : 'Conv2D', windowAttributes(native, window), [x, filter]);
}

function convolutionGradient(what: 'Filter' | 'Input', inputs: tf.Tensor[], window: Window): tf.Tensor {
  const native = backend();
  const name = `${window.depthwise ? 'DepthwiseConv2dNative' : 'Conv2D'}Backprop${what}`;
  return native.executeSingleOutput(name, windowAttributes(native, window), inputs);
}

export const filterGradient = (x: tf.Tensor, shape: number[], dy: tf.Tensor, window: Window): tf.Tensor => convolutionGradient('Filter', [x, tf.tensor1d(shape, 'int32'), dy], window);
export const inputGradient = (shape: number[], filter: tf.Tensor, dy: tf.Tensor, window: Window): tf.Tensor => convolutionGradient('Input', [tf.tensor1d(shape, 'int32'), filter, dy], window);

function normalisationAttributes(native: TensorFlowBackend, epsilon: number): Attribute[] {
  const { binding } = native;
  return [
    float('T', native), float('U', native), channelsLast(native),
    { name: 'epsilon', type: binding.TF_ATTR_FLOAT, value: epsilon },
    { name: 'is_training', type: binding.TF_ATTR_BOOL, value: true },
  ];
}

/** Batch-norm on the statistics of the batch; x [B,H,W,C], gamma and beta [C]. */
export function batchNormalization(x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor, epsilon: number): Normalised {
  const native = backend();
  const factor = { name: 'exponential_avg_factor', type: native.binding.TF_ATTR_FLOAT, value: 1 };
  const [y, mean, variance, ...reserve] = native.executeMultipleOutputs(
    'FusedBatchNormV3', [...normalisationAttributes(native, epsilon), factor], [x, gamma, beta, tf.tensor1d([]), tf.tensor1d([])], 6,
  );
  return { y: y!, mean: mean!, variance: variance!, saved: [x, ...reserve] };
}

export type NormalisationGradient = ReturnType<Kernels['batchNormalizationGradient']>;

/** @returns dx, dgamma, dbeta */
export function batchNormalizationGradient(dy: tf.Tensor, gamma: tf.Tensor, [x, ...reserve]: readonly tf.Tensor[], epsilon: number): NormalisationGradient {
  const native = backend();
  return native.executeMultipleOutputs('FusedBatchNormGradV3', normalisationAttributes(native, epsilon), [dy, x!, gamma, ...reserve], 5).slice(0, 3) as NormalisationGradient;
}
