import { layers, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import type { Conversion, LinearValue, Operator, Value } from '../conversion.js';
import type { GraphNode } from '../graph-def.js';
import { activate } from './activation.js';
import { addOffset } from './arithmetic.js';

/** Windows of convolutions and pools: height and width, strides, padding. */
export interface Window {
  strides: [number, number];
  padding: 'same' | 'valid';
  /** Input, with explicit paddings already around it. */
  input: SymbolicTensor;
}

/** Reads the geometry that convolutions and pools share. Batch and channels must be left alone, channels come last. */
export function windowOf(node: GraphNode, conversion: Conversion): Window {
  const { attributes } = node;
  if ((attributes.text('data_format') || 'NHWC') !== 'NHWC') throw conversion.unsupported(node, 'channels first');
  const strides = attributes.numbers('strides');
  if (strides.length !== 4 || strides[0] !== 1 || strides[3] !== 1) throw conversion.unsupported(node, `strides ${strides.join()}`);
  let input = conversion.tensor(node, 0);
  const padding = attributes.text('padding');
  if (padding === 'EXPLICIT') {
    const [, , top, bottom, left, right] = attributes.numbers('explicit_paddings') as [number, number, number, number, number, number];
    const pad = layers.zeroPadding2d({ name: conversion.name(node, '_pad'), padding: [[top, bottom], [left, right]] });
    input = conversion.applied(pad, input);
  } else if (padding !== 'SAME' && padding !== 'VALID') throw conversion.unsupported(node, `padding ${padding}`);
  return { strides: [strides[1]!, strides[2]!], padding: padding === 'SAME' ? 'same' : 'valid', input };
}

function dilation(node: GraphNode, conversion: Conversion): [number, number] {
  const [batch = 1, height = 1, width = 1, channels = 1] = node.attributes.numbers('dilations');
  if (batch !== 1 || channels !== 1) throw conversion.unsupported(node, 'dilated over batch or channels');
  return [height, width];
}

/** y = x * kernel; kernel [height, width, inputs, filters]. */
export const convolution: Operator = (node, conversion) => {
  const kernel = conversion.constant(node, 1);
  const [height, width, inputs, filters] = kernel.shape as [number, number, number, number];
  const { strides, padding, input } = windowOf(node, conversion);
  if (input.shape[3] !== inputs) throw conversion.unsupported(node, 'in groups');
  const dilationRate = dilation(node, conversion);
  return {
    kind: 'linear', kernel, channels: filters,
    make: (useBias) => ({ input, layer: layers.conv2d({ name: conversion.name(node), filters, kernelSize: [height, width], strides, padding, dilationRate, useBias, kernelInitializer: 'zeros' }) }),
  };
};

/** Each channel by itself; kernel [height, width, channels, multiplier]. */
export const depthwiseConvolution: Operator = (node, conversion) => {
  const kernel = conversion.constant(node, 1);
  const [height, width, inputs, depthMultiplier] = kernel.shape as [number, number, number, number];
  const { strides, padding, input } = windowOf(node, conversion);
  const dilationRate = dilation(node, conversion);
  return {
    kind: 'linear', kernel, channels: inputs * depthMultiplier,
    make: (useBias) => ({ input, layer: layers.depthwiseConv2d({ name: conversion.name(node), kernelSize: [height, width], strides, padding, dilationRate, depthMultiplier, useBias, depthwiseInitializer: 'zeros' }) }),
  };
};

/** y = x kernel; kernel [inputs, units], or transposed. */
export const matrixProduct: Operator = (node, conversion) => {
  if (node.attributes.flag('transpose_a')) throw conversion.unsupported(node, 'transposed input');
  const given = conversion.constant(node, 1);
  const [rows, columns] = given.shape as [number, number];
  const turned = node.attributes.flag('transpose_b');
  const [inputs, units] = turned ? [columns, rows] : [rows, columns];
  const data = turned ? Float32Array.from({ length: rows * columns }, (_, index) => given.data[(index % units) * inputs + Math.floor(index / units)]!) : given.data;
  const input = conversion.tensor(node, 0);
  return {
    kind: 'linear', kernel: { data, shape: [inputs, units] }, channels: units,
    make: (useBias) => ({ input, layer: layers.dense({ name: conversion.name(node), units, useBias, kernelInitializer: 'zeros' }) }),
  };
};

/** The converter joins a convolution or product with the offset and the activation behind it. */
export function fused(product: Operator): Operator {
  return (node, conversion) => {
    let value: Value = product(node, conversion);
    for (const step of node.attributes.texts('fused_ops')) {
      if (step === 'BiasAdd') value = addOffset(value as LinearValue, conversion.constant(node, 2).data);
      else value = activate(step, node, conversion, value);
    }
    return value;
  };
}
