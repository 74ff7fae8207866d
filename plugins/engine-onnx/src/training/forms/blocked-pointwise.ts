import { int, ints } from '../../onnx/graph.js';
import type { Tape } from '../tape.js';
import { channels, inGroups, sizes, type Traced } from '../traced.js';
import { groupColumns, groupRows, lengthened, rectifying, takesBlocks } from './blocked.js';
import { inputShape, isPointwise, outputShape, type ConvolutionForm } from './form.js';
import { pointwise } from './pointwise.js';

/** 1x1 kernels do not ask where an image ends. */
const inSomeGroups = (x: Traced, tape: Tape): Traced => (inGroups(x) ? x : tape.lay(x, tape.isSoonStacked(x) ? 'stacked' : 'blocked'));

/**
 * dW = X dY' of stacked images, where either is [channels, places of all images]. The one with more channels lies like the kernel of a 1x1 convolution
 * with places for input channels already; the other one is its image.
 * @returns [channels of x, channels of dy]
 */
function productOverPlaces(x: Traced, dy: Traced, tape: Tape): string {
  const [height, width] = sizes(x) as [number, number];
  const places = tape.batch * height * width;
  const wide = channels(x) > channels(dy) ? x : dy;
  const narrow = wide === x ? dy : x;
  if (places % tape.block > 0) {
    const matrix = (value: Traced) => tape.reshape(tape.byChannel(value), [channels(value), places]);
    const product = tape.add('Gemm', [matrix(wide), matrix(narrow)], { transB: int(1) });
    return wide === x ? product : tape.transpose(product, [1, 0]);
  }
  const image = tape.once(`places ${narrow.name}`, () => tape.addBlocked('ReorderInput', [tape.reshape(tape.byChannel(narrow), [1, channels(narrow), 1, places])], { channels_last: int(1) }));
  const kernel = tape.reshape(wide.name, [tape.wholeGroups(channels(wide)), places, 1, 1]);
  const product = tape.addBlocked('Conv', [image, kernel], { kernel_shape: ints([1, 1]) });
  return tape.addBlocked('ReorderOutput', [product], { channels: int(channels(wide)), channels_last: int(wide === x ? 0 : 1) });
}

/** A 1x1 convolution in blocked order; its input's gradient is one too, by the transposed kernel. */
export const blockedPointwise: ConvolutionForm = {
  rectifies: true,
  adds: true,
  fits: (shape, _part, block) => isPointwise(shape) && takesBlocks(shape.inputs, block) && takesBlocks(shape.outputs, block),

  forward(x, kernel, bias, shape, tape, ceiling) {
    const { inputs, outputs } = shape;
    const [rows, columns] = [tape.wholeGroups(inputs), tape.wholeGroups(outputs)];
    const matrix = lengthened(tape.reshape(kernel, [inputs, outputs]), 2, 0, rows - inputs, tape);
    const { name: image, layout } = inSomeGroups(x, tape);
    const operands = [image, groupColumns(matrix, [rows, outputs], [columns, rows, 1, 1], tape)];
    if (bias !== undefined) operands.push(tape.padded(bias, outputs));
    const name = tape.addBlocked('Conv', operands, { kernel_shape: ints([1, 1]), ...rectifying(ceiling) });
    return { name, shape: outputShape(shape), layout };
  },

  inputGradient(dy, kernel, shape, tape, addend) {
    const { inputs, outputs } = shape;
    const [rows, columns] = [tape.wholeGroups(inputs), tape.wholeGroups(outputs)];
    const matrix = lengthened(tape.reshape(kernel, [inputs, outputs]), 2, 1, columns - outputs, tape);
    const { name: image, layout } = inSomeGroups(dy, tape);
    const operands = [image, groupRows(matrix, [inputs, columns], [rows, columns, 1, 1], tape), ...(addend ? ['', tape.lay(addend, layout).name] : [])];
    return { name: tape.addBlocked('Conv', operands, { kernel_shape: ints([1, 1]) }), shape: inputShape(shape), layout };
  },

  kernelGradient(x, dy, shape, tape) {
    if (!tape.isSoonStacked(x)) return pointwise.kernelGradient!(x, dy, shape, tape);
    return tape.reshape(productOverPlaces(tape.lay(x, 'stacked'), tape.lay(dy, 'stacked'), tape), [1, 1, shape.inputs, shape.outputs]);
  },
};
