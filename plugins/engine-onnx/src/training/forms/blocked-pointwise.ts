import { ints } from '../../onnx/graph.js';
import { groupColumns, groupRows, lengthened, rectifying, takesBlocks } from './blocked.js';
import { inputShape, isPointwise, outputShape, type ConvolutionForm } from './form.js';

/** A 1x1 convolution in blocked order; its input's gradient is one too, by the transposed kernel. */
export const blockedPointwise: ConvolutionForm = {
  rectifies: true,
  fits: (shape, _part, block) => isPointwise(shape) && takesBlocks(shape.inputs, block) && takesBlocks(shape.outputs, block),

  forward(x, kernel, bias, shape, tape, ceiling) {
    const { inputs, outputs } = shape;
    const [rows, columns] = [tape.wholeGroups(inputs), tape.wholeGroups(outputs)];
    const matrix = lengthened(tape.reshape(kernel, [inputs, outputs]), 2, 0, rows - inputs, tape);
    const operands = [tape.lay(x, 'blocked').name, groupColumns(matrix, [rows, outputs], [columns, rows, 1, 1], tape)];
    if (bias !== undefined) operands.push(tape.padded(bias, outputs));
    const name = tape.addBlocked('Conv', operands, { kernel_shape: ints([1, 1]), ...rectifying(ceiling) });
    return { name, shape: outputShape(shape), layout: 'blocked' };
  },

  inputGradient(dy, kernel, shape, tape) {
    const { inputs, outputs } = shape;
    const [rows, columns] = [tape.wholeGroups(inputs), tape.wholeGroups(outputs)];
    const matrix = lengthened(tape.reshape(kernel, [inputs, outputs]), 2, 1, columns - outputs, tape);
    const name = tape.addBlocked('Conv', [tape.lay(dy, 'blocked').name, groupRows(matrix, [inputs, columns], [rows, columns, 1, 1], tape)], { kernel_shape: ints([1, 1]) });
    return { name, shape: inputShape(shape), layout: 'blocked' };
  },
};
