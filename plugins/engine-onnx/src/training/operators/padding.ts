import { readSides } from '../../operators/padding.js';
import type { Pads, TrainingCall, TrainingOperator } from '../operator.js';
import type { Tape } from '../tape.js';
import { sizes, type Traced } from '../traced.js';

/** [[top, bottom], [left, right]] of a layer's configuration. @throws CultivarError ENGINE_UNSUPPORTED */
export function sidesOf({ config, unsupported }: Pick<TrainingCall, 'config' | 'unsupported'>, key: 'padding' | 'cropping'): Pads {
  const sides = readSides(config.raw[key]);
  if (!sides || (config.text('dataFormat') ?? 'channelsLast') !== 'channelsLast') throw unsupported(`its ${key} or data format is not understood`);
  const [[top, bottom], [left, right]] = sides;
  return { top, left, bottom, right };
}

const pad = (value: Traced, { top, left, bottom, right }: Pads, tape: Tape): string =>
  tape.add('Pad', [tape.plain(value).name, tape.integers([0, 0, top, left, 0, 0, bottom, right])]);

function crop(value: Traced, { top, left, bottom, right }: Pads, tape: Tape): string {
  const [height, width] = sizes(value) as [number, number];
  return tape.add('Slice', [tape.plain(value).name, tape.integers([top, left]), tape.integers([height - bottom, width - right]), tape.integers([2, 3])]);
}

/** zeroPadding2d that no convolution takes up; the gradient is cut off again. */
export const zeroPadding: TrainingOperator = {
  layers: ['ZeroPadding2D'],
  forward(call, tape) {
    const input = call.inputs[0]!;
    const sides = sidesOf(call, 'padding');
    return {
      output: { name: pad(input, sides, tape), shape: call.shape, layout: 'nchw' },
      backward: (gradient) => [{ ...input, name: crop(gradient, sides, tape), layout: 'nchw' }],
    };
  },
};

/** cropping2D; the gradient gets zeros around it. */
export const cropping: TrainingOperator = {
  layers: ['Cropping2D'],
  forward(call, tape) {
    const input = call.inputs[0]!;
    const sides = sidesOf(call, 'cropping');
    return {
      output: { name: crop(input, sides, tape), shape: call.shape, layout: 'nchw' },
      backward: (gradient) => [{ ...input, name: pad(gradient, sides, tape), layout: 'nchw' }],
    };
  },
};
