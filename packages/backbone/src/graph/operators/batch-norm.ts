import * as tf from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import type { Operator } from '../conversion.js';

/** FusedBatchNorm(x, scale, offset, mean, variance), in inference mode. */
export const batchNorm: Operator = (node, conversion) => {
  if (node.attributes.flag('is_training')) throw conversion.unsupported(node, 'in training mode');
  const weights = [1, 2, 3, 4].map((index) => Float32Array.from(conversion.constant(node, index).data));
  const layer = layers.batchNormalization({ name: conversion.name(node), epsilon: node.attributes.number('epsilon') ?? 1e-4, momentum: 0.99 });
  const value = conversion.layer(layer, conversion.tensor(node, 0));
  tf.tidy(() => layer.setWeights(weights.map((weight) => tf.tensor1d(weight))));
  return value;
};
