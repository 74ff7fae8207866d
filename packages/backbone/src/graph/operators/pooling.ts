import { layers } from '@tensorflow/tfjs-layers';
import type { Operator } from '../conversion.js';
import { windowOf } from './convolution.js';

type Pool = (settings: { name: string; poolSize: [number, number]; strides: [number, number]; padding: 'same' | 'valid' }) => layers.Layer;

function pool(make: Pool): Operator {
  return (node, conversion) => {
    const [batch, height, width, channels] = node.attributes.numbers('ksize') as [number, number, number, number];
    if (batch !== 1 || channels !== 1) throw conversion.unsupported(node, 'over batch or channels');
    const { strides, padding, input } = windowOf(node, conversion);
    return conversion.layer(make({ name: conversion.name(node), poolSize: [height, width], strides, padding }), input);
  };
}

export const averagePool = pool((settings) => layers.averagePooling2d(settings));
export const maximumPool = pool((settings) => layers.maxPooling2d(settings));

/** Mean or maximum over height and width. */
function reduce(make: (name: string) => layers.Layer): Operator {
  return (node, conversion) => {
    const input = conversion.tensor(node, 0);
    const axes = [...conversion.constant(node, 1).data].map((axis) => (axis < 0 ? axis + input.rank : axis)).sort();
    if (input.rank !== 4 || axes.join() !== '1,2') throw conversion.unsupported(node, `over axes ${axes.join()}`);
    const pooled = conversion.layer(make(conversion.name(node)), input);
    if (!node.attributes.flag('keep_dims')) return pooled;
    return conversion.layer(layers.reshape({ name: conversion.name(node, '_reshape'), targetShape: [1, 1, input.shape[3]!] }), pooled.tensor);
  };
}

export const mean = reduce((name) => layers.globalAveragePooling2d({ name }));
export const maximum = reduce((name) => layers.globalMaxPooling2d({ name }));
