import type { Padding, Value } from '../lowering/value.js';
import type { Operator } from './operator.js';

function side(value: unknown): [number, number] | undefined {
  if (typeof value === 'number') return [value, value];
  return Array.isArray(value) && typeof value[0] === 'number' && typeof value[1] === 'number' ? [value[0], value[1]] : undefined;
}

/** [[top, bottom], [left, right]], or [vertical, horizontal], or one number for all sides. */
export function readSides(raw: unknown): [[number, number], [number, number]] | undefined {
  const pair: unknown[] = Array.isArray(raw) ? raw : [raw, raw];
  const vertical = side(pair[0]);
  const horizontal = side(pair[1]);
  return vertical && horizontal && [vertical, horizontal];
}

/** zeroPadding2d: put off, because convolutions pad by themselves. */
export const zeroPadding: Operator = {
  layers: ['ZeroPadding2D'],
  forward(call) {
    const sides = readSides(call.config.raw['padding']);
    if (!sides || (call.config.text('dataFormat') ?? 'channelsLast') !== 'channelsLast') throw call.unsupported('its padding or data format is not understood');
    const [[top, bottom], [left, right]] = sides;
    const [input] = call.inputs as [Value];
    const before: Padding = input.padding ?? { top: 0, left: 0, bottom: 0, right: 0 };
    return { ...input, shape: call.shape, padding: { top: top + before.top, left: left + before.left, bottom: bottom + before.bottom, right: right + before.right } };
  },
};

/** Where a slice ends that leaves out the last `cut`. */
const end = (cut: number): number => (cut === 0 ? 2 ** 31 - 1 : -cut);

/** cropping2D: cuts rows and columns off. */
export const cropping: Operator = {
  layers: ['Cropping2D'],
  forward(call, context) {
    const sides = readSides(call.config.raw['cropping']);
    if (!sides || (call.config.text('dataFormat') ?? 'channelsLast') !== 'channelsLast') throw call.unsupported('its cropping or data format is not understood');
    const input = context.plain(call.inputs[0]!);
    const [[top, bottom], [left, right]] = sides;
    const { graph } = context;
    const name = context.add('Slice', [input.name, graph.integers([top, left], 'starts'), graph.integers([end(bottom), end(right)], 'ends'), graph.integers([2, 3], 'axes')], {}, call.name);
    return { name, shape: call.shape };
  },
};
