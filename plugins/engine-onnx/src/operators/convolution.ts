import { int, ints, text, type Attribute } from '../onnx/graph.js';
import type { LoweringContext } from '../lowering/context.js';
import { channels, type Padding, type Value } from '../lowering/value.js';
import { applyActivation } from './activation.js';
import type { Operator, OperatorCall } from './operator.js';
import { readWindow, samePadding, type Window } from './window.js';

/** Kernel in ONNX's order [out, in of the group, height, width]. */
interface Filter {
  data: Float32Array;
  out: number;
  /** Input channels of one group. */
  perGroup: number;
  groups: number;
}

/** [h, w, in, out] -> [out, in, h, w]. */
export function denseFilter(kernel: { data: Float32Array; shape: number[] }): Filter {
  const [height, width, inputs, outputs] = kernel.shape as [number, number, number, number];
  const area = height * width;
  const data = new Float32Array(kernel.data.length);
  let source = 0;
  for (let place = 0; place < area; place++)
    for (let input = 0; input < inputs; input++)
      for (let output = 0; output < outputs; output++) data[(output * inputs + input) * area + place] = kernel.data[source++]!;
  return { data, out: outputs, perGroup: inputs, groups: 1 };
}

/** [h, w, in, multiplier] -> [in * multiplier, 1, h, w], a group for each input channel. */
export function depthwiseFilter(kernel: { data: Float32Array; shape: number[] }): Filter {
  const [height, width, inputs, multiplier] = kernel.shape as [number, number, number, number];
  const area = height * width;
  const outputs = inputs * multiplier;
  const data = new Float32Array(kernel.data.length);
  for (let place = 0; place < area; place++)
    for (let output = 0; output < outputs; output++) data[output * area + place] = kernel.data[place * outputs + output]!;
  return { data, out: outputs, perGroup: 1, groups: inputs };
}

/**
 * Takes up the scaling and the zero padding that were put off. With y = x * s + t, zero-padded:
 * W * pad(y) = (W s) * pad(x + t / s). Without padding the shift goes into the bias instead: (W s) * x + sum(W t).
 */
function takeUp(context: LoweringContext, input: Value, window: Window, filter: Filter, bias: Float32Array | undefined) {
  const own = window.padding === 'same' ? samePadding(window, input) : { top: 0, left: 0, bottom: 0, right: 0 };
  const deferred = input.padding;
  // Padding that depends on a size which is open cannot be joined with more.
  if (!own && deferred) return takeUp(context, context.plain(input), window, filter, bias);
  const padding = own && { top: own.top + (deferred?.top ?? 0), left: own.left + (deferred?.left ?? 0), bottom: own.bottom + (deferred?.bottom ?? 0), right: own.right + (deferred?.right ?? 0) };
  const { affine } = input;
  if (!affine) return { name: input.name, padding, data: filter.data, bias };
  const { scale, shift } = affine;
  const padded = !padding || Object.values(padding).some((pixels) => pixels > 0);
  if (padded && scale.includes(0)) return { name: context.plain({ ...input, padding: undefined }).name, padding, data: filter.data, bias };

  const area = window.size[0] * window.size[1];
  const outputsPerGroup = filter.out / filter.groups;
  const channelOf = (index: number) => {
    const output = Math.floor(index / (area * filter.perGroup));
    return Math.floor(output / outputsPerGroup) * filter.perGroup + (Math.floor(index / area) % filter.perGroup);
  };
  const data = filter.data.map((weight, index) => weight * scale[channelOf(index)]!);
  if (padded) {
    const { name } = context.shift({ name: input.name, shape: input.shape }, shift.map((term, channel) => term / scale[channel]!));
    return { name, padding, data, bias };
  }
  const sums = Float64Array.from(bias ?? new Float64Array(filter.out));
  filter.data.forEach((weight, index) => {
    sums[Math.floor(index / (area * filter.perGroup))]! += weight * shift[channelOf(index)]!;
  });
  return { name: input.name, padding, data, bias: Float32Array.from(sums) };
}

/** Adds one Conv node. */
function convolve(call: OperatorCall, context: LoweringContext, input: Value, filter: Filter, window: Window, bias: Float32Array | undefined, wanted: string): string {
  const taken = takeUp(context, input, window, filter, bias);
  const [height, width] = window.size;
  const inputs = [taken.name, context.graph.constant(taken.data, [filter.out, filter.perGroup, height, width], `${wanted}.kernel`)];
  if (taken.bias) inputs.push(context.graph.constant(taken.bias, [filter.out], `${wanted}.bias`));
  const attributes: Record<string, Attribute> = {
    kernel_shape: ints(window.size), strides: ints(window.strides), dilations: ints(window.dilations), group: int(filter.groups),
    ...windowPadding(taken.padding),
  };
  if (channels(input) !== filter.perGroup * filter.groups) throw call.unsupported(`it expects ${filter.perGroup * filter.groups} channels and gets ${channels(input)}`);
  return context.add('Conv', inputs, attributes, wanted);
}

/** Explicit pads; tfjs's SAME, worked out at run time, where the size is open. */
export function windowPadding(padding: Padding | undefined): Record<string, Attribute> {
  return padding ? { pads: ints([padding.top, padding.left, padding.bottom, padding.right]) } : { auto_pad: text('SAME_UPPER') };
}

/** conv2d, depthwiseConv2d and separableConv2d. y[p, o] = b[o] + sum over window w and channel i of x[p + w, i] W[w, i, o] */
export const convolution: Operator = {
  layers: ['Conv2D', 'DepthwiseConv2D', 'SeparableConv2D'],
  forward(call, context) {
    const [input] = call.inputs as [Value];
    const window = readWindow(call, 'kernelSize');
    const bias = call.weight('bias')?.data;
    let name: string;
    if (call.type === 'Conv2D') {
      name = convolve(call, context, input, denseFilter(call.required('kernel')), window, bias, call.name);
    } else {
      const separable = call.type === 'SeparableConv2D';
      const filter = depthwiseFilter(call.required('depthwise_kernel'));
      name = convolve(call, context, input, filter, window, separable ? undefined : bias, separable ? `${call.name}.depthwise` : call.name);
      if (separable) {
        const middle: Value = { name, shape: [...call.shape.slice(0, 3), filter.out] };
        const pointwise: Window = { size: [1, 1], strides: [1, 1], dilations: [1, 1], padding: 'valid' };
        name = convolve(call, context, middle, denseFilter(call.required('pointwise_kernel')), pointwise, bias, call.name);
      }
    }
    return applyActivation(call, context, { name, shape: call.shape }, call.config.text('activation'));
  },
};
