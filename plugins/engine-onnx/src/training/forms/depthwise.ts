import { int, ints } from '../../onnx/graph.js';
import { extent, inOnnxOrder, inputShape, turnedRound, type ConvolutionForm } from './form.js';

/** The gradient of the input of a depthwise convolution of stride 1 is one too, with the kernel turned round. */
export const depthwise: ConvolutionForm = {
  fits: ({ depthwise: each, inputs, outputs, strides, ...shape }, part) => {
    if (part !== 'inputGradient' || !each || inputs !== outputs || strides.some((stride) => stride !== 1)) return false;
    const [height, width] = extent(shape);
    return Math.max(shape.pads.top, shape.pads.bottom) < height && Math.max(shape.pads.left, shape.pads.right) < width;
  },

  inputGradient(dy, kernel, shape, tape) {
    const { pads, inputs, size, dilations } = shape;
    const [height, width] = extent(shape);
    const name = tape.add('Conv', [tape.plain(dy).name, inOnnxOrder(turnedRound(kernel, tape), shape, tape)], {
      kernel_shape: ints(size), strides: ints([1, 1]), dilations: ints(dilations), group: int(inputs),
      pads: ints([height - 1 - pads.top, width - 1 - pads.left, height - 1 - pads.bottom, width - 1 - pads.right]),
    });
    return { name, shape: inputShape(shape), layout: 'nchw' };
  },
};
