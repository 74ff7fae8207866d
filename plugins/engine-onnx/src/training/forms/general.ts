import { int, ints } from '../../onnx/graph.js';
import { extent, fromOnnxOrder, inOnnxOrder, inputShape, outputShape, padList, type ConvolutionForm, type ConvolutionShape } from './form.js';

export const groups = ({ depthwise, inputs }: ConvolutionShape): number => (depthwise ? inputs : 1);

/**
 * Every convolution, by the standard operators. The gradient of the input is the transposed convolution; that of the
 * kernel a convolution of x with dy in which batch and channels, strides and dilations change places:
 * dW[o, i, w] = sum over images b and places p of dy[b, o, p] x[b, i, p stride + w dilation].
 */
export const general: ConvolutionForm = {
  fits: () => true,

  forward(x, kernel, bias, shape, tape) {
    const inputs = [tape.plain(x).name, inOnnxOrder(kernel, shape, tape), ...(bias === undefined ? [] : [bias])];
    const name = tape.add('Conv', inputs, {
      kernel_shape: ints(shape.size), strides: ints(shape.strides), dilations: ints(shape.dilations), pads: ints(padList(shape)), group: int(groups(shape)),
    });
    return { name, shape: outputShape(shape), layout: 'nchw' };
  },

  inputGradient(dy, kernel, shape, tape) {
    const { size, strides, dilations, pads, inputSize, outputSize } = shape;
    const [height, width] = extent(shape);
    // Pixels at the far edge that no window has reached.
    const unread = [
      inputSize[0] + pads.top + pads.bottom - (outputSize[0] - 1) * strides[0] - height,
      inputSize[1] + pads.left + pads.right - (outputSize[1] - 1) * strides[1] - width,
    ];
    // The runtime takes less of them than the stride, and wants pads that leave something: what it does not take is sliced or filled.
    const name = tape.add('ConvTranspose', [tape.plain(dy).name, inOnnxOrder(kernel, shape, tape)], {
      kernel_shape: ints(size), strides: ints(strides), dilations: ints(dilations), pads: ints(padList(shape)), output_padding: ints(unread), group: int(groups(shape)),
    });
    return { name, shape: inputShape(shape), layout: 'nchw' };
  },

  kernelGradient(x, dy, shape, tape) {
    const { size, strides, dilations, depthwise, inputs, outputs, inputSize, outputSize } = shape;
    let images = tape.transpose(tape.plain(x).name, [1, 0, 2, 3]);
    if (depthwise) images = tape.reshape(images, [1, -1, ...inputSize]);
    const windows = tape.transpose(tape.plain(dy).name, [1, 0, 2, 3]);
    let kernel = tape.add('Conv', [images, windows], {
      kernel_shape: ints(outputSize), strides: ints(dilations), dilations: ints(strides), pads: ints(padList(shape)), group: int(groups(shape)),
    });
    kernel = tape.add('Slice', [kernel, tape.integers([0, 0]), tape.integers(size), tape.integers([2, 3])]);
    return depthwise ? fromOnnxOrder(kernel, shape, tape) : tape.transpose(tape.reshape(kernel, [inputs, outputs, ...size]), [2, 3, 0, 1]);
  },
};
