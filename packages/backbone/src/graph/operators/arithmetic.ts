import * as tf from '@tensorflow/tfjs-core';
import { layers, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import type { ConstantValue, Conversion, ImageValue, LinearValue, Operator, TensorValue, Value } from '../conversion.js';
import type { GraphNode } from '../graph-def.js';

type Numbers = ArrayLike<number>;

/** y = (x kernel + bias) + offset */
export function addOffset(value: LinearValue, offset: Numbers): LinearValue {
  const bias = Float32Array.from({ length: value.channels }, (_, channel) => (value.bias?.[channel] ?? 0) + at(offset, channel));
  return { ...value, bias };
}

/** y = (x kernel + bias) * factor; the output channel is the kernel's last index, in depthwise kernels its last two. */
function multiply(value: LinearValue, factor: Numbers): LinearValue {
  const data = Float32Array.from(value.kernel.data, (weight, index) => weight * at(factor, index % value.channels));
  const bias = value.bias?.map((offset, channel) => offset * at(factor, channel));
  return { ...value, kernel: { ...value.kernel, data }, bias };
}

/** One number stands for all channels. */
function at(values: Numbers, channel: number): number {
  return values.length === 1 ? values[0]! : values[channel]!;
}

/** x * factor + offset by channel as a batch-norm layer with mean 0 and variance 1. */
export function scaleLayer(node: GraphNode, conversion: Conversion, input: SymbolicTensor, factor: Numbers, offset: Numbers): TensorValue {
  const channels = input.shape.at(-1)!;
  const layer = layers.batchNormalization({ name: conversion.name(node), epsilon: 0 });
  const value = conversion.layer(layer, input);
  tf.tidy(() => {
    const spread = (values: Numbers) => tf.tensor1d(Float32Array.from({ length: channels }, (_, channel) => at(values, channel)));
    layer.setWeights([spread(factor), spread(offset), tf.zeros([channels]), tf.ones([channels])]);
  });
  return value;
}

/** x * factor + offset, folded into what made x where that is possible. */
function scale(node: GraphNode, conversion: Conversion, index: number, constant: ConstantValue, factor: Numbers, offset: Numbers): Value {
  const value = conversion.value(node, index);
  if (value.kind === 'image') return scaleImage(value, factor, offset);
  const channels = value.kind === 'linear' ? value.channels : conversion.tensor(node, index).shape.at(-1);
  // Only one number, or one for each channel: [C], [1, C], [1, 1, 1, C].
  const length = constant.data.length;
  if (length !== 1 && !(length === channels && constant.shape.at(-1) === channels)) throw conversion.unsupported(node, `with a constant of shape ${constant.shape.join()}`);
  if (value.kind === 'linear' && conversion.readsAlone(node, index)) {
    const scaled = at(factor, 0) === 1 && factor.length === 1 ? value : multiply(value, factor);
    return offset.length === 1 && offset[0] === 0 ? scaled : addOffset(scaled, offset);
  }
  return scaleLayer(node, conversion, conversion.tensor(node, index), factor, offset);
}

function scaleImage(image: ImageValue, factor: Numbers, offset: Numbers): ImageValue {
  return {
    kind: 'image',
    scale: image.scale.map((value, channel) => value * at(factor, channel)),
    offset: image.offset.map((value, channel) => value * at(factor, channel) + at(offset, channel)),
  };
}

/** An operator of two values: with one constant it scales, with none it is a layer that merges. */
function binary(withConstant: (values: Float32Array, constantFirst: boolean) => { factor: Numbers; offset: Numbers } | undefined, merge?: (name: string) => layers.Layer): Operator {
  return (node, conversion) => {
    const first = conversion.value(node, 0);
    const second = conversion.value(node, 1);
    if (first.kind === 'constant' && second.kind === 'constant') throw conversion.unsupported(node, 'of two constants');
    const constant = first.kind === 'constant' ? first : second;
    if (constant.kind !== 'constant') {
      if (!merge) throw conversion.unsupported(node, 'of two tensors');
      const tensors = [conversion.tensor(node, 0), conversion.tensor(node, 1)];
      return conversion.layer(merge(conversion.name(node)), tensors);
    }
    const change = withConstant(Float32Array.from(constant.data), first.kind === 'constant');
    if (!change) throw conversion.unsupported(node, 'of a constant by a tensor');
    return scale(node, conversion, first.kind === 'constant' ? 1 : 0, constant, change.factor, change.offset);
  };
}

export const add = binary((values) => ({ factor: [1], offset: values }), (name) => layers.add({ name }));
export const subtract = binary((values, first) => (first ? { factor: [-1], offset: values } : { factor: [1], offset: values.map((value) => -value) }));
export const product = binary((values) => ({ factor: values, offset: [0] }), (name) => layers.multiply({ name }));
export const quotient = binary((values, first) => (first ? undefined : { factor: values.map((value) => 1 / value), offset: [0] }));
