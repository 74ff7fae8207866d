import { float, int } from '../../onnx/graph.js';
import { inputShape, isPointwise, outputShape, type ConvolutionForm, type ConvolutionShape } from './form.js';
import type { Tape } from '../tape.js';
import { channels, type Traced } from '../traced.js';

const product = (transA: boolean, transB: boolean) => ({ transA: int(transA ? 1 : 0), transB: int(transB ? 1 : 0), alpha: float(1) });
const matrixOf = (kernel: string, { inputs, outputs }: ConvolutionShape, tape: Tape): string => tape.reshape(kernel, [inputs, outputs]);

/** [channels, places of all images]. */
function inRows(x: Traced, tape: Tape): string {
  return tape.reshape(tape.transpose(tape.lay(x, 'flat').name, [1, 0, 2]), [channels(x), -1]);
}

/**
 * A window of one pixel is a product of matrices: Y = W' X, dX = W dY with W [inputs, outputs], and the sum over images
 * dW = X dY'. Where the kernel is large against the image (more than some 1000 numbers a place, measured), the places of all
 * images lie in one row instead: one product, no sum.
 */
export const pointwise: ConvolutionForm = {
  fits: isPointwise,

  forward(x, kernel, bias, shape, tape) {
    const matrix = tape.transpose(matrixOf(kernel, shape, tape), [1, 0]);
    let name = tape.add('MatMul', [matrix, tape.lay(x, 'flat').name]);
    if (bias !== undefined) name = tape.add('Add', [name, tape.reshape(bias, [shape.outputs, 1])]);
    return { name, shape: outputShape(shape), layout: 'flat' };
  },

  inputGradient(dy, kernel, shape, tape) {
    return { name: tape.add('MatMul', [matrixOf(kernel, shape, tape), tape.lay(dy, 'flat').name]), shape: inputShape(shape), layout: 'flat' };
  },

  kernelGradient(x, dy, shape, tape) {
    const { inputs, outputs, inputSize } = shape;
    const kernelShape = [1, 1, inputs, outputs];
    if (inputs * outputs > 1000 * inputSize[0] * inputSize[1]) {
      return tape.reshape(tape.add('Gemm', [inRows(x, tape), inRows(dy, tape)], { transB: int(1) }), kernelShape);
    }
    const products = tape.add('com.microsoft.FusedMatMul', [tape.lay(x, 'flat').name, tape.lay(dy, 'flat').name], product(false, true));
    return tape.reshape(tape.sum(products, [0], false), kernelShape);
  },
};
