import { float, int } from '../../onnx/graph.js';
import type { ConvolutionForm } from './form.js';

/** The kernel's gradient, a product of matrices for each place w of the window: dW[w] = sum over images of x[p stride + w dilation] dy[p]'. */
export const windowProducts: ConvolutionForm = {
  fits: ({ depthwise, inputs, outputs }, part) => !depthwise && part === 'kernelGradient' && inputs >= 8 && outputs >= 8,

  kernelGradient(x, dy, { inputs, outputs, size, strides, dilations, pads, outputSize }, tape) {
    const image = tape.plain(x).name;
    const padded = Object.values(pads).every((pixels) => pixels === 0)
      ? image
      : tape.add('Pad', [image, tape.integers([0, 0, pads.top, pads.left, 0, 0, pads.bottom, pads.right])]);
    const windows = tape.lay(dy, 'flat').name;
    const places = Array.from({ length: size[0] * size[1] }, (_, place) => {
      const from = [Math.floor(place / size[1]) * dilations[0], (place % size[1]) * dilations[1]] as const;
      const to = from.map((start, axis) => start + (outputSize[axis]! - 1) * strides[axis]! + 1);
      const seen = tape.add('Slice', [padded, tape.integers(from), tape.integers(to), tape.integers([2, 3]), tape.integers(strides)]);
      const products = tape.add('com.microsoft.FusedMatMul', [tape.reshape(seen, [0, inputs, outputSize[0] * outputSize[1]]), windows], { transA: int(0), transB: int(1), alpha: float(1) });
      return tape.reshape(tape.sum(products, [0], false), [1, inputs, outputs]);
    });
    return tape.reshape(places.length === 1 ? places[0]! : tape.add('Concat', places, { axis: int(0) }), [...size, inputs, outputs]);
  },
};
