import { int, ints } from '../onnx/graph.js';
import { channels, type Value } from '../lowering/value.js';
import { windowPadding } from './convolution.js';
import type { Operator } from './operator.js';
import { readWindow, samePadding } from './window.js';

/** maxPooling2d, averagePooling2d. Padding never counts: it is -infinity for the one, left out of the mean for the other. */
export const pooling: Operator = {
  layers: ['MaxPooling2D', 'AveragePooling2D'],
  forward(call, context) {
    const input = context.plain(call.inputs[0]!);
    const window = readWindow(call, 'poolSize');
    const padding = window.padding === 'same' ? samePadding(window, input) : { top: 0, left: 0, bottom: 0, right: 0 };
    const operator = call.type === 'MaxPooling2D' ? 'MaxPool' : 'AveragePool';
    const name = context.add(operator, [input.name], { kernel_shape: ints(window.size), strides: ints(window.strides), ...windowPadding(padding) }, call.name);
    return { name, shape: call.shape };
  },
};

/** globalAveragePooling2d, globalMaxPooling2d: [B, H, W, C] -> [B, C], or [B, 1, 1, C] with keepDims. */
export const globalPooling: Operator = {
  layers: ['GlobalAveragePooling2D', 'GlobalMaxPooling2D'],
  forward(call, context) {
    const dataFormat = call.config.text('dataFormat');
    if (dataFormat !== undefined && dataFormat !== 'channelsLast') throw call.unsupported(`its data format is ${dataFormat}; channelsLast is expected`);
    const input = context.plain(call.inputs[0]!);
    const operator = call.type === 'GlobalMaxPooling2D' ? 'GlobalMaxPool' : 'GlobalAveragePool';
    const pooled = context.add(operator, [input.name], {}, `${call.name}.pooled`);
    const value: Value = { name: pooled, shape: [null, 1, 1, channels(input)] };
    if (call.shape.length === 4) return value;
    return { name: context.add('Flatten', [pooled], { axis: int(1) }, call.name), shape: call.shape };
  },
};
