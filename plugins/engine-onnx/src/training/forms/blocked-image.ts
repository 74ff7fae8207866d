import { int, ints } from '../../onnx/graph.js';
import { groupColumns, rectifying, takesBlocks, windowOf } from './blocked.js';
import { outputShape, padList, type ConvolutionForm } from './form.js';

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
    const windows = tape.reshape(tape.lay(dy, 'blocked').name, [tape.batch * channels, 1, ...outputSize]);
    const each = tape.addBlocked('Conv', [tape.transpose(tape.plain(x).name, [1, 0, 2, 3]), windows], {
      kernel_shape: ints(outputSize), strides: ints(dilations), dilations: ints(strides), pads: ints(padList(shape)), group: int(tape.batch),
    });
    const sum = tape.sum(tape.reshape(each, [inputs, tape.batch, channels * size[0] * size[1]]), [1], false);
    const kernel = tape.addBlocked('ReorderOutput', [tape.reshape(sum, [inputs, channels, ...size])], { channels: int(outputs), channels_last: int(1) });
    return tape.transpose(kernel, [1, 2, 0, 3]);
  },
};
