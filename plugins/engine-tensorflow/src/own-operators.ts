/** Operators of our own (packages/native/operators), which join what TensorFlow's take apart: fewer passes over memory. */
import type { Activation, ConvolutionGradient, ConvolutionStep, Normalised, Rectifier, Window } from '@cultivar/engine';
import * as tf from '@tensorflow/tfjs-core';
import { backend, type Attribute, type NormalisationGradient, type TensorFlowBackend } from './operators.js';

/** The one whose operators are called here; an installation of another is not used. */
const version = 2;

export const hasOwnOperators = (): boolean => backend().cultivarOperators === version;

const ceilings: Record<Activation, number> = { linear: -1, relu: Number.POSITIVE_INFINITY, relu6: 6 };

const ceiling = ({ binding }: TensorFlowBackend, activation: Activation): Attribute => ({ name: 'ceiling', type: binding.TF_ATTR_FLOAT, value: ceilings[activation] });

const normalisationAttributes = (native: TensorFlowBackend, epsilon: number, activation: Activation): Attribute[] => [
  { name: 'epsilon', type: native.binding.TF_ATTR_FLOAT, value: epsilon }, ceiling(native, activation),
];

/** Our own operator: batch-norm and rectifier in one. */
export function rectifiedNormalization(x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor, epsilon: number, activation: Activation): Normalised {
  const native = backend();
  const outputs = native.executeMultipleOutputs('CultivarBatchNorm', normalisationAttributes(native, epsilon, activation), [x, gamma, beta], 4);
  const [y, mean, variance, inverse] = outputs as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
  return { y, mean, variance, saved: [x, beta, mean, inverse] };
}

export function rectifiedNormalizationGradient(dy: tf.Tensor, gamma: tf.Tensor, saved: readonly tf.Tensor[], epsilon: number, activation: Activation): NormalisationGradient {
  const native = backend();
  const [x, ...rest] = saved as [tf.Tensor, ...tf.Tensor[]];
  return native.executeMultipleOutputs('CultivarBatchNormGrad', normalisationAttributes(native, epsilon, activation), [dy, x, gamma, ...rest], 3) as NormalisationGradient;
}

/** f(x + bias). */
export function rectifiedBias(x: tf.Tensor, bias: tf.Tensor, activation: Activation): tf.Tensor {
  const native = backend();
  return native.executeSingleOutput('CultivarBias', [ceiling(native, activation)], [x, bias]);
}

export function rectifierGradient(dy: tf.Tensor, y: tf.Tensor, kind: Rectifier): tf.Tensor {
  const native = backend();
  return native.executeSingleOutput('CultivarRectifierGrad', [ceiling(native, kind)], [dy, y]);
}

const sides = new Set([1, 3, 5, 7]);

/** Whether the two operators below take this convolution. */
export function isOwnDepthwise(filter: tf.Tensor, { depthwise }: Window): boolean {
  const [height, width, , multiplier] = filter.shape;
  return depthwise && multiplier === 1 && height === width && sides.has(height!);
}

/** Stride, zeros before the first row and column, size of the result. */
function geometry({ binding }: TensorFlowBackend, x: tf.Tensor, filter: tf.Tensor, { strides: [stride], pad }: Window): Attribute {
  const side = filter.shape[0]!;
  const along = [x.shape[1]!, x.shape[2]!].map((length) => {
    const output = pad === 'same' ? Math.ceil(length / stride) : Math.floor((length - side) / stride) + 1;
    return { output, before: pad === 'same' ? Math.max((output - 1) * stride + side - length, 0) >> 1 : 0 };
  });
  return { name: 'geometry', type: binding.TF_ATTR_INT, value: [stride, ...along.map(({ before }) => before), ...along.map(({ output }) => output)] };
}

/** Depthwise convolution, bias and rectifier in one. */
export function rectifiedDepthwise(x: tf.Tensor, filter: tf.Tensor, bias: tf.Tensor | undefined, window: Window, activation: Activation): tf.Tensor {
  const native = backend();
  return native.executeSingleOutput('CultivarDepthwise', [geometry(native, x, filter, window), ceiling(native, activation)], [x, filter, bias ?? tf.tensor1d([])]);
}

export function rectifiedDepthwiseGradient({ dy, y, x, filter, window, activation }: ConvolutionStep): ConvolutionGradient {
  const native = backend();
  const attributes = [geometry(native, x, filter, window), ceiling(native, activation)];
  const [dx, dFilter, dBias] = native.executeMultipleOutputs('CultivarDepthwiseGrad', attributes, [dy, y ?? tf.tensor1d([]), x, filter], 3) as [tf.Tensor, tf.Tensor, tf.Tensor];
  return { dx, dFilter, dBias };
}
