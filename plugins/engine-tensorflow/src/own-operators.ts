/** Operators of our own (packages/native/operators), which join what TensorFlow's take apart: fewer passes over memory. */
import type { Activation, ChainKernels, Convolution, ConvolutionGradient, ConvolutionStep, Link, Moments, Normalised, Pending, Rectifier, Statistics, Window } from '@cultivar/engine';
import * as tf from '@tensorflow/tfjs-core';
import { backend, type Attribute, type NormalisationGradient, type TensorFlowBackend } from './operators.js';

/** The one whose operators are called here; an installation of another is not used. */
const version = 6;

export const hasOwnOperators = (): boolean => backend().cultivarOperators === version;

const ceilings: Record<Activation, number> = { linear: -1, relu: Number.POSITIVE_INFINITY, relu6: 6 };

const ceiling = ({ binding }: TensorFlowBackend, activation: Activation): Attribute => ({ name: 'ceiling', type: binding.TF_ATTR_FLOAT, value: ceilings[activation] });

const float = ({ binding }: TensorFlowBackend, name: string, value: number): Attribute => ({ name, type: binding.TF_ATTR_FLOAT, value });
const empties = new WeakMap<TensorFlowBackend, tf.Tensor>();

/** Of no size, for an input that is not there. Made once: not tfjs's to count, nor to dispose of. */
function nothing(): tf.Tensor {
  const native = backend();
  let empty = empties.get(native);
  if (!empty) empties.set(native, empty = { dataId: native.write(new Float32Array(0), [0], 'float32'), shape: [0], dtype: 'float32', size: 0 } as unknown as tf.Tensor);
  return empty;
}

export function statistics(x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor, epsilon: number): Statistics {
  const native = backend();
  const [affine, mean, variance] = native.executeMultipleOutputs('CultivarStatistics', [float(native, 'epsilon', epsilon)], [x, gamma, beta], 3) as [tf.Tensor, tf.Tensor, tf.Tensor];
  return { affine, mean, variance };
}

export function applied(x: tf.Tensor, { affine, activation }: Pending): tf.Tensor {
  const native = backend();
  return native.executeSingleOutput('CultivarNormalise', [ceiling(native, activation)], [x, affine]);
}

export function moments(dz: tf.Tensor, x: tf.Tensor, { affine, activation }: Pending): Moments {
  const native = backend();
  const [dGamma, dBeta, slopes] = native.executeMultipleOutputs('CultivarMoments', [ceiling(native, activation)], [dz, x, affine], 3) as [tf.Tensor, tf.Tensor, tf.Tensor];
  return { dGamma, dBeta, slopes };
}

export function gradient(dz: tf.Tensor, x: tf.Tensor, { affine, activation }: Pending, slopes: tf.Tensor): tf.Tensor {
  const native = backend();
  return native.executeSingleOutput('CultivarNormaliseGrad', [ceiling(native, activation)], [dz, x, affine, slopes]);
}

/** Batch-norm and rectifier behind it, alone. */
export function rectifiedNormalization(x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor, epsilon: number, activation: Activation): Normalised {
  const { affine, mean, variance } = statistics(x, gamma, beta, epsilon);
  return { y: applied(x, { affine, activation }), mean, variance, saved: [x, affine] };
}

export function rectifiedNormalizationGradient(dy: tf.Tensor, saved: readonly tf.Tensor[], activation: Activation): NormalisationGradient {
  const [x, affine] = saved as [tf.Tensor, tf.Tensor];
  const { dGamma, dBeta, slopes } = moments(dy, x, { affine, activation });
  return [gradient(dy, x, { affine, activation }, slopes), dGamma, dBeta];
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

const isDepthwise = ([height, width, , multiplier]: readonly number[], { depthwise }: Window): boolean => depthwise && multiplier === 1 && height === width && sides.has(height!);
const isPointwise = ([height, width]: readonly number[], { depthwise, strides }: Window): boolean => !depthwise && height === 1 && width === 1 && strides[0] === 1 && strides[1] === 1;
/** Of few channels, as a photo has: its gradient is the filter's alone. */
const isOfImages = ([height, width, channels]: readonly number[], { depthwise, strides }: Window): boolean => !depthwise && channels! <= 4 && height === width && height! > 1 && sides.has(height!) && strides[0] === strides[1];

/** Whether the operators below take a convolution with a filter of that shape, and its gradient. */
export const isOwnConvolution = (filter: readonly number[], window: Window, inputTrains: boolean): boolean =>
  isDepthwise(filter, window) || isPointwise(filter, window) || (!inputTrains && isOfImages(filter, window));

/** Stride, zeros before the first row and column, size of the result. */
function geometry({ binding }: TensorFlowBackend, x: tf.Tensor, filter: tf.Tensor, { strides: [stride], pad }: Window): Attribute {
  const side = filter.shape[0]!;
  const along = [x.shape[1]!, x.shape[2]!].map((length) => {
    const output = pad === 'same' ? Math.ceil(length / stride) : Math.floor((length - side) / stride) + 1;
    return { output, before: pad === 'same' ? Math.max((output - 1) * stride + side - length, 0) >> 1 : 0 };
  });
  return { name: 'geometry', type: binding.TF_ATTR_INT, value: [stride, ...along.map(({ before }) => before), ...along.map(({ output }) => output)] };
}

function attributes(native: TensorFlowBackend, { x, filter, window }: Pick<Link, 'x' | 'filter' | 'window'>, before: Activation, activation: Activation): Attribute[] {
  return [geometry(native, x, filter, window), float(native, 'before', ceilings[before]), ceiling(native, activation)];
}

/** Convolution, bias and rectifier in one. */
export function rectifiedConvolution({ x, filter, scale, window, activation }: Convolution, bias: tf.Tensor | undefined): tf.Tensor {
  const native = backend();
  const all = [...attributes(native, { x, filter, window }, 'linear', activation), float(native, 'epsilon', 0)];
  const empty = nothing();
  return native.executeMultipleOutputs(window.depthwise ? 'CultivarDepthwise' : 'CultivarConvolution', all, [x, empty, filter, scale ?? empty, bias ?? empty, empty, empty], 4)[0]!;
}

/** What else a gradient is given: the rectifier before, the scale of the filter, the batch-norm behind it, and who reads the results. */
interface Circumstances {
  before: Activation;
  inputTrains: boolean;
  biasTrains: boolean;
  scale?: tf.Tensor;
  affine?: tf.Tensor;
  slopes?: tf.Tensor;
}

function convolutionGradient(link: Link, dz: tf.Tensor, y: tf.Tensor | undefined, activation: Activation, given: Circumstances): tf.Tensor[] {
  const native = backend();
  const { x, filter, window, before } = link;
  const empty = nothing();
  const own = window.depthwise ? [float(native, 'epsilon', 0)] : [float(native, 'input', Number(given.inputTrains)), float(native, 'offset', Number(given.biasTrains))];
  const inputs = [dz, y ?? empty, given.affine ?? empty, given.slopes ?? empty, x, before?.affine ?? empty, filter, given.scale ?? empty];
  return native.executeMultipleOutputs(window.depthwise ? 'CultivarDepthwiseGrad' : 'CultivarConvolutionGrad', [...attributes(native, link, given.before, activation), ...own], inputs, 6);
}

export function rectifiedConvolutionGradient({ dy, y, x, filter, window, activation, ...given }: ConvolutionStep): ConvolutionGradient {
  const [dx, dFilter, dBias] = convolutionGradient({ x, filter, window, before: undefined }, dy, y, activation, given) as [tf.Tensor, tf.Tensor, tf.Tensor];
  return { dx, dFilter, dBias };
}

/** Convolutions that normalise what they read. */
export const ownChain: ChainKernels = {
  takes: isOwnConvolution,
  link(link, gamma, beta, epsilon) {
    const native = backend();
    const { x, before, filter, window } = link;
    const empty = nothing();
    const outputs = native.executeMultipleOutputs(
      window.depthwise ? 'CultivarDepthwise' : 'CultivarConvolution', [...attributes(native, link, before?.activation ?? 'linear', 'linear'), float(native, 'epsilon', epsilon)], [x, before?.affine ?? empty, filter, empty, empty, gamma, beta], 4,
    );
    const [y, affine, mean, variance] = outputs as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
    return { y, affine, mean, variance };
  },
  statistics,
  applied,
  moments,
  gradient,
  linkGradient(link, dz, y, { affine, activation }, slopes, inputTrains) {
    const outputs = convolutionGradient(link, dz, y, activation, { before: link.before?.activation ?? 'linear', inputTrains, biasTrains: false, affine, slopes });
    const [dx, dFilter, , dGamma, dBeta, more] = outputs as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
    return { dx: inputTrains ? dx : undefined, dFilter, before: link.before && { dGamma, dBeta, slopes: more } };
  },
};
