import { float, int } from '../../onnx/graph.js';
import { inputShape, outputShape, type ConvolutionForm } from './form.js';

const product = (transA: boolean, transB: boolean) => ({ transA: int(transA ? 1 : 0), transB: int(transB ? 1 : 0), alpha: float(1) });

/** A window of one pixel that moves by one, without padding, is a product of matrices: Y = W X, dX = W' dY, dW = sum over images of dY X'. */
export const pointwise: ConvolutionForm = {
  fits: ({ depthwise, size, strides, pads }) => !depthwise && [...size, ...strides].every((one) => one === 1) && Object.values(pads).every((pixels) => pixels === 0),

  forward(x, kernel, bias, shape, tape) {
    const matrix = tape.reshape(kernel, [shape.outputs, shape.inputs]);
    let name = tape.add('MatMul', [matrix, tape.lay(x, 'flat').name]);
    if (bias !== undefined) name = tape.add('Add', [name, tape.reshape(bias, [shape.outputs, 1])]);
    return { name, shape: outputShape(shape), layout: 'flat' };
  },

  inputGradient(dy, kernel, shape, tape) {
    const matrix = tape.transpose(tape.reshape(kernel, [shape.outputs, shape.inputs]), [1, 0]);
    return { name: tape.add('MatMul', [matrix, tape.lay(dy, 'flat').name]), shape: inputShape(shape), layout: 'flat' };
  },

  kernelGradient(x, dy, shape, tape) {
    const products = tape.add('com.microsoft.FusedMatMul', [tape.lay(dy, 'flat').name, tape.lay(x, 'flat').name], product(false, true));
    return tape.reshape(tape.sum(products, [0], false), [shape.outputs, shape.inputs, 1, 1]);
  },
};
