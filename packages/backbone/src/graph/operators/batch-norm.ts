import * as tf from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import type { Operator } from '../conversion.js';

/** FusedBatchNorm(x, scale, offset, mean, variance), in inference mode. */
export const batchNorm: Operator = (node, conversion) => {
  const [gamma, beta, mean, variance] = [1, 2, 3, 4].map((index) => conversion.constant(node, index)) as [...{ data: Float32Array; shape: number[] }[]];
  const layer = layers.batchNormalization({ name: conversion.name(node), epsilon: node.attributes.number('epsilon') ?? 1e-4, momentum: 0.99 });
  const value = conversion.layer(layer, conversion.tensor(node, 0));
  tf.tidy(() => layer.setWeights([gamma, beta, mean, variance].map((weight) => tf.tensor1d(weight!.data))));
  return value;
};
