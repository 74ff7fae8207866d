import { layers } from '@tensorflow/tfjs-layers';
import type { Operator } from '../conversion.js';

/** The image. */
export const placeholder: Operator = (node, conversion) => conversion.image(node.attributes.shape('shape'));

export const constant: Operator = (node, conversion) => {
  const value = conversion.graph.constants.get(node.name);
  if (!value) throw conversion.unsupported(node, 'without a value');
  return { kind: 'constant', ...value };
};

export const identity: Operator = (node, conversion) => conversion.value(node, 0);

/** Zeros around height and width. */
export const pad: Operator = (node, conversion) => {
  const paddings = [...conversion.constant(node, 1).data];
  const [batchBefore, batchAfter, top, bottom, left, right, before, after] = paddings as [number, number, number, number, number, number, number, number];
  if (paddings.length !== 8 || batchBefore || batchAfter || before || after) throw conversion.unsupported(node, `paddings ${paddings.join()}`);
  if (node.inputs.length > 2 && conversion.constant(node, 2).data[0] !== 0) throw conversion.unsupported(node, 'with another value than 0');
  return conversion.layer(layers.zeroPadding2d({ name: conversion.name(node), padding: [[top, bottom], [left, right]] }), conversion.tensor(node, 0));
};

/** Takes axes of length one away. */
export const squeeze: Operator = (node, conversion) => {
  const input = conversion.tensor(node, 0);
  const named = node.attributes.numbers('squeeze_dims').map((axis) => (axis < 0 ? axis + input.rank : axis));
  const targetShape = input.shape.filter((side, axis) => axis > 0 && !(named.length > 0 ? named.includes(axis) : side === 1)) as number[];
  return conversion.layer(layers.reshape({ name: conversion.name(node), targetShape }), input);
};

/** The batch stays; the rest is given a new shape. */
export const reshape: Operator = (node, conversion) => {
  const [, ...targetShape] = conversion.constant(node, 1).data;
  return conversion.layer(layers.reshape({ name: conversion.name(node), targetShape }), conversion.tensor(node, 0));
};

/** Joins channels; the axis is the last input. */
export const concatenate: Operator = (node, conversion) => {
  const count = node.inputs.length - 1;
  const tensors = Array.from({ length: count }, (_, index) => conversion.tensor(node, index));
  const axis = conversion.constant(node, count).data[0]!;
  if (axis !== -1 && axis !== tensors[0]!.rank - 1) throw conversion.unsupported(node, `over axis ${axis}`);
  return conversion.layer(layers.concatenate({ name: conversion.name(node), axis: -1 }), tensors);
};
