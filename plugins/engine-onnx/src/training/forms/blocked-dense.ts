import { int, ints } from '../../onnx/graph.js';
import type { Tape } from '../tape.js';
import { groupColumns, lengthened, rectifying, takesBlocks, windowOf } from './blocked.js';
import { inputShape, outputShape, turnedRound, type ConvolutionForm } from './form.js';
import { spreadPads, spreadPixels } from './spread.js';

/** [height, width, from, to] -> [to / c, from / c, height, width, c, c]. */
function kernelIn(kernel: string, [height, width]: readonly number[], [from, to]: readonly [number, number], tape: Tape): string {
  const { block } = tape;
  const rows = tape.wholeGroups(from);
  const filled = lengthened(kernel, 4, 2, rows - from, tape);
  const split = tape.transpose(tape.reshape(filled, [height! * width!, rows / block, block, to]), [1, 0, 2, 3]);
  return groupColumns(split, [rows * height! * width!, to], [tape.wholeGroups(to), rows, height!, width!], tape);
}

/** A convolution of any window in blocked order; the input's gradient: the turned, transposed kernel over dy, spread by the stride. */
export const blockedDense: ConvolutionForm = {
  rectifies: true,
  fits: ({ depthwise, inputs, outputs, ...shape }, part, block) =>
    !depthwise && takesBlocks(inputs, block) && takesBlocks(outputs, block) && (part !== 'inputGradient' || spreadPads(shape).every((pixels) => pixels >= 0)),

  forward(x, kernel, bias, shape, tape, ceiling) {
    const { inputs, outputs, size } = shape;
    const operands = [tape.lay(x, 'blocked').name, kernelIn(kernel, size, [inputs, outputs], tape)];
    if (bias !== undefined) operands.push(tape.padded(bias, outputs));
    return { name: tape.addBlocked('Conv', operands, { ...windowOf(shape, 1), ...rectifying(ceiling) }), shape: outputShape(shape), layout: 'blocked' };
  },

  inputGradient(dy, kernel, shape, tape) {
    const { inputs, outputs, size, dilations } = shape;
    const spread = spreadPixels(tape.lay(dy, 'blocked').name, tape.wholeGroups(outputs), shape, tape.batch, tape);
    const turned = tape.transpose(turnedRound(kernel, tape), [0, 1, 3, 2]);
    const name = tape.addBlocked('Conv', [spread, kernelIn(turned, size, [outputs, inputs], tape)], {
      kernel_shape: ints(size), dilations: ints(dilations), pads: ints(spreadPads(shape)), group: int(1),
    });
    return { name, shape: inputShape(shape), layout: 'blocked' };
  },
};
