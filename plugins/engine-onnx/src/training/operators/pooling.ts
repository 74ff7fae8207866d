import { int, ints, text } from '../../onnx/graph.js';
import { readWindow, samePadding } from '../../operators/window.js';
import type { Recorded, TrainingOperator } from '../operator.js';
import type { Tape } from '../tape.js';
import { channels, inGroups, isImage, sizes, type Traced } from '../traced.js';
import { dataType } from '../../onnx/schema.js';

/** Where the windows lie; pads as ONNX wants them. */
interface Windows {
  size: [number, number];
  strides: [number, number];
  pads: [number, number, number, number];
}

const attributes = ({ size, strides, pads }: Windows) => ({ kernel_shape: ints(size), strides: ints(strides), pads: ints(pads) });

/** The largest of each window; its gradient goes to the first place that holds it. */
function largest(input: Traced, shape: (number | null)[], windows: Windows, inputTrains: boolean, tape: Tape): Recorded {
  if (!inputTrains) return { output: { name: tape.add('MaxPool', [input.name], attributes(windows)), shape, layout: 'nchw' }, backward: () => [undefined] };
  const [name, places] = tape.addPair('MaxPool', [input.name], attributes(windows), 'pooled');
  tape.types.set(places, 'int64');
  const [height, width, depth] = sizes(input) as [number, number, number];
  return {
    output: { name, shape, layout: 'nchw' },
    backward(gradient) {
      const dy = tape.plain(gradient).name;
      // Places count through the whole batch.
      const batch = tape.add('Slice', [tape.add('Shape', [dy]), tape.integers([0]), tape.integers([1])]);
      const zeros = tape.add('ConstantOfShape', [tape.add('Mul', [batch, tape.integers([height * width * depth])])]);
      const scattered = tape.add('ScatterElements', [zeros, tape.reshape(places, [-1]), tape.reshape(dy, [-1])], { axis: int(0), reduction: text('add') });
      return [{ ...input, name: tape.reshape(scattered, [-1, depth, height, width]) }];
    },
  };
}

/** How many pixels of the image each window along one axis covers: padding is none. */
function covered(length: number, size: number, stride: number, before: number, count: number): number[] {
  return Array.from({ length: count }, (_, place) => Math.min(place * stride - before + size, length) - Math.max(place * stride - before, 0));
}

/** The mean of each window, padding left out; each pixel gets dy / count from every window that covers it. */
function mean(input: Traced, shape: (number | null)[], windows: Windows, tape: Tape): Recorded {
  const [height, width, depth] = sizes(input) as [number, number, number];
  const [rows, columns] = shape.slice(1) as [number, number];
  const { size, strides, pads } = windows;
  return {
    output: { name: tape.add('AveragePool', [input.name], attributes(windows)), shape, layout: 'nchw' },
    backward(gradient) {
      const down = covered(height, size[0], strides[0], pads[0], rows);
      const across = covered(width, size[1], strides[1], pads[1], columns);
      const shares = tape.constant(down.flatMap((h) => across.map((w) => 1 / (h * w))), [1, 1, rows, columns], 'shares');
      const ones = tape.constant(new Float32Array(depth * size[0] * size[1]).fill(1), [depth, 1, ...size], 'ones');
      const unread = [height + pads[0] + pads[2] - (rows - 1) * strides[0] - size[0], width + pads[1] + pads[3] - (columns - 1) * strides[1] - size[1]];
      const name = tape.add('ConvTranspose', [tape.add('Mul', [tape.plain(gradient).name, shares]), ones], { ...attributes(windows), output_padding: ints(unread), group: int(depth) });
      return [{ ...input, name }];
    },
  };
}

/** maxPooling2d, averagePooling2d. */
export const pooling: TrainingOperator = {
  layers: ['MaxPooling2D', 'AveragePooling2D'],
  forward(call, tape) {
    const input = tape.plain(call.inputs[0]!);
    const { size, strides, padding, ...window } = readWindow(call, 'poolSize');
    const own = padding === 'same' ? samePadding({ size, strides, padding, ...window }, input)! : { top: 0, left: 0, bottom: 0, right: 0 };
    const windows: Windows = { size, strides, pads: [own.top, own.left, own.bottom, own.right] };
    return call.type === 'MaxPooling2D' ? largest(input, call.shape, windows, call.inputTrains, tape) : mean(input, call.shape, windows, tape);
  },
};

/** The mean over all places of images in whole groups of channels: dx = dy / places everywhere. */
function meanInGroups(input: Traced, shape: (number | null)[], tape: Tape): Recorded {
  const [height, width, depth] = sizes(input) as [number, number, number];
  const { batch, block } = tape;
  const isStacked = input.layout === 'stacked';
  const groups = depth / block;
  const means = tape.addBlocked('GlobalAveragePool', [tape.asOneImage(input)]);
  const byImage = isStacked ? tape.transpose(tape.reshape(means, [groups, batch, block]), [1, 0, 2]) : means;
  return {
    output: { name: tape.reshape(byImage, isImage({ shape }) ? [batch, depth, 1, 1] : [batch, depth]), shape, layout: 'nchw' },
    backward(gradient) {
      const share = tape.add('Mul', [tape.plain(gradient).name, tape.scalar(1 / (height * width))]);
      const inOrder = isStacked ? tape.transpose(tape.reshape(share, [batch, groups, block]), [1, 0, 2]) : share;
      const spread = tape.addBlocked('Upsample', [tape.reshape(inOrder, [1, batch * depth, 1, 1])], { scales: ints([1, 1, height, width]) });
      return [isStacked ? tape.stacked(spread, input.shape) : { ...input, name: tape.reshape(spread, [batch, depth, height, width]) }];
    },
  };
}

/** globalAveragePooling2d: dx = dy / places everywhere. globalMaxPooling2d: dx = dy wherever the largest stands, as in tfjs. */
export const globalPooling: TrainingOperator = {
  layers: ['GlobalAveragePooling2D', 'GlobalMaxPooling2D'],
  forward(call, tape) {
    const dataFormat = call.config.text('dataFormat') ?? 'channelsLast';
    if (dataFormat !== 'channelsLast') throw call.unsupported(`its data format is ${dataFormat}; channelsLast is expected`);
    const [given] = call.inputs as [Traced];
    if (call.type === 'GlobalAveragePooling2D' && inGroups(given) && tape.wholeGroups(channels(given)) === channels(given)) return meanInGroups(given, call.shape, tape);
    const input = tape.plain(given);
    const [height, width] = sizes(input) as [number, number];
    const depth = channels(input);
    const average = call.type === 'GlobalAveragePooling2D';
    const pooled = tape.add(average ? 'GlobalAveragePool' : 'GlobalMaxPool', [input.name]);
    return {
      output: { name: isImage(call) ? pooled : tape.reshape(pooled, [0, depth]), shape: call.shape, layout: 'nchw' },
      backward(gradient) {
        const dy = tape.reshape(tape.plain(gradient).name, [0, depth, 1, 1]);
        const where = average
          ? tape.constant(new Float32Array(height * width).fill(1 / (height * width)), [1, 1, height, width], 'shares')
          : tape.add('Cast', [tape.add('Equal', [input.name, pooled])], { to: int(dataType.float) });
        return [{ ...input, name: tape.add('Mul', [dy, where]) }];
      },
    };
  },
};
