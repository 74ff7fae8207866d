import type { Padding, Value } from '../lowering/value.js';
import type { OperatorCall } from './operator.js';

/** A window sliding over an image; pairs are [height, width]. */
export interface Window {
  size: [number, number];
  strides: [number, number];
  dilations: [number, number];
  padding: 'same' | 'valid';
}

const pair = (values: number[] | undefined, otherwise: [number, number]): [number, number] => (values ?? otherwise) as [number, number];

/** Reads the window of a convolution or pooling layer. */
export function readWindow(call: Pick<OperatorCall, 'config' | 'unsupported'>, sizeKey: 'kernelSize' | 'poolSize'): Window {
  const { config } = call;
  const dataFormat = config.text('dataFormat');
  if (dataFormat !== undefined && dataFormat !== 'channelsLast') throw call.unsupported(`its data format is ${dataFormat}; channelsLast is expected`);
  const size = config.numbers(sizeKey, 2);
  if (!size) throw call.unsupported(`its ${sizeKey} is not a pair`);
  const padding = config.text('padding') ?? 'valid';
  if (padding !== 'same' && padding !== 'valid') throw call.unsupported(`its padding is ${padding}`);
  return {
    size: size as [number, number],
    strides: pair(config.numbers('strides', 2), sizeKey === 'poolSize' ? (size as [number, number]) : [1, 1]),
    dilations: pair(config.numbers('dilationRate', 2), [1, 1]),
    padding,
  };
}

/**
 * TensorFlow's SAME: the output has ceil(size / stride) places, and where the padding is odd the larger half comes
 * behind. @returns undefined where it depends on a size that is open
 */
export function samePadding(window: Window, input: Pick<Value, 'shape'>): Padding | undefined {
  const along = (axis: 0 | 1): [number, number] | undefined => {
    const extent = (window.size[axis] - 1) * window.dilations[axis] + 1;
    const stride = window.strides[axis];
    const size = input.shape[axis + 1];
    if (stride > 1 && (size === null || size === undefined)) return undefined;
    const total = stride === 1 ? extent - 1 : Math.max((Math.ceil(size! / stride) - 1) * stride + extent - size!, 0);
    return [Math.floor(total / 2), total - Math.floor(total / 2)];
  };
  const vertical = along(0);
  const horizontal = along(1);
  return vertical && horizontal && { top: vertical[0], bottom: vertical[1], left: horizontal[0], right: horizontal[1] };
}
