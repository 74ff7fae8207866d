import { int, ints } from '../../onnx/graph.js';
import { groupColumns, rectifying, takesBlocks, windowOf } from './blocked.js';
import { outputShape, padList, type ConvolutionForm } from './form.js';
import type { Tape } from '../tape.js';

/**
 * The first convolution, over fewer channels than fill a group: the image comes plain, the output is blocked. The kernel's
 * gradient: each input channel is an image with the batch for channels, a group each, and dy, as it lies, the kernel.
 */
export const blockedImage: ConvolutionForm = {
  rectifies: true,
  fits: ({ depthwise, inputs, outputs, size, strides, dilations, pads, inputSize, outputSize }, part, block) => {
    if (depthwise || inputs >= block || !takesBlocks(outputs, block) || part === 'inputGradient') return false;
    // dy has to slide over exactly the places of the kernel.
    const places = ([0, 1] as const).map((axis) => {
      const padded = inputSize[axis] + (axis === 0 ? pads.top + pads.bottom : pads.left + pads.right);
      return Math.floor((padded - (outputSize[axis] - 1) * strides[axis] - 1) / dilations[axis]) + 1;
    });
    return part === 'forward' || places.join() === size.join();
  },

  forward(x, kernel, bias, shape, tape, ceiling) {
    const { inputs, outputs, size } = shape;
    const matrix = tape.transpose(kernel, [2, 0, 1, 3]);
    const grouped = groupColumns(matrix, [inputs * size[0] * size[1], outputs], [tape.wholeGroups(outputs), inputs, ...size], tape);
    const operands = [tape.plain(x).name, grouped, ...(bias === undefined ? [] : [tape.padded(bias, outputs)])];
    const name = tape.addBlocked('Conv', operands, { ...windowOf(shape, 1), ...rectifying(ceiling) });
    return { name, shape: outputShape(shape), layout: 'blocked' };
  },

  kernelGradient(x, dy, shape, tape) {
    const { inputs, outputs, size, strides, dilations, outputSize } = shape;
    const channels = tape.wholeGroups(outputs);
    const images = tape.transpose(tape.plain(x).name, [1, 0, 2, 3]);
    const given = tape.lay(dy, 'blocked').name;
    const sums = wholeAndRest(tape).map(([start, end]) => {
      const some = (name: string, axis: number) => (end - start === tape.batch ? name : tape.add('Slice', [name, tape.integers([start]), tape.integers([end]), tape.integers([axis])]));
      const windows = tape.reshape(some(given, 0), [(end - start) * channels, 1, ...outputSize]);
      const each = tape.addBlocked('Conv', [some(images, 1), windows], {
        kernel_shape: ints(outputSize), strides: ints(dilations), dilations: ints(strides), pads: ints(padList(shape)), group: int(end - start),
      });
      return tape.sum(tape.reshape(each, [inputs, end - start, channels * size[0] * size[1]]), [1], false);
    });
    const sum = sums.reduce((one, other) => tape.add('Add', [one, other]));
    const kernel = tape.addBlocked('ReorderOutput', [tape.reshape(sum, [inputs, channels, ...size])], { channels: int(outputs), channels_last: int(1) });
    return tape.transpose(kernel, [1, 2, 0, 3]);
  },
};

/** From where to where images can stand for channels: fewer than fill a group, or whole groups. */
function wholeAndRest({ batch, block }: Tape): [start: number, end: number][] {
  const whole = batch - (batch % block);
  return whole === 0 || whole === batch ? [[0, batch]] : [[0, whole], [whole, batch]];
}
