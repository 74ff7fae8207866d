import { int, ints } from '../../onnx/graph.js';
import type { Tape } from '../tape.js';
import { everyChannel, groupColumns, rectifying, takesBlocks, windowOf } from './blocked.js';
import { inputShape, outputShape, turnedRound, type ConvolutionForm, type ConvolutionShape } from './form.js';
import { spreadPads, spreadPixels } from './spread.js';

/** The kernel in groups of channels, for each of the stacked images. */
function kernelIn(kernel: string, { inputs, size }: ConvolutionShape, tape: Tape): string {
  const channels = tape.wholeGroups(inputs);
  const places = size[0] * size[1];
  const one = groupColumns(kernel, [places, inputs], [channels / tape.block, 1, places * tape.block], tape);
  return tape.forEachImage(one, channels, places, [tape.batch * channels, 1, ...size]);
}

/** How far the far pads move so that dy slides over exactly the places of the kernel; where that is inwards, it slides too far. */
function kernelPads({ size, strides, dilations, pads, inputSize, outputSize }: ConvolutionShape): { pads: number[]; size: [number, number] } {
  const along = (axis: 0 | 1, before: number): [number, number] => {
    const reach = (outputSize[axis] - 1) * strides[axis] + 1;
    const behind = Math.max(reach + (size[axis] - 1) * dilations[axis] - inputSize[axis] - before, 0);
    return [behind, Math.floor((inputSize[axis] + before + behind - reach) / dilations[axis]) + 1];
  };
  const [bottom, height] = along(0, pads.top);
  const [right, width] = along(1, pads.left);
  return { pads: [pads.top, pads.left, bottom, right], size: [height, width] };
}

/**
 * From here on the kernel's gradient is faster when the zeros beside the image are written out first: places of a window that all lie within the image
 * are summed up together, others one by one (measured: 16 images of 144 channels at 56 px 3.7 ms with the writing against 6.8, 960 at 7 px 0.6 against 0.4;
 * with a stride of 2 the writing costs more than it saves).
 */
const widthWorthPadding = 14;

/**
 * A depthwise convolution of stacked images, with all images and channels taken for channels. The input's gradient: the turned kernel over dy,
 * spread by the stride. The kernel's: dy is the kernel of another one, as it lies, and strides and
 * dilations change places; dW[c, w] = sum over images b and places p of dy[b, c, p] x[b, c, p stride + w dilation].
 */
export const blockedDepthwise: ConvolutionForm = {
  rectifies: true,
  fits: ({ depthwise, inputs, outputs, ...shape }, part, block) =>
    depthwise && inputs === outputs && takesBlocks(inputs, block) && (part !== 'inputGradient' || spreadPads(shape).every((pixels) => pixels >= 0)),

  forward(x, kernel, bias, shape, tape, ceiling) {
    const channels = tape.wholeGroups(shape.inputs);
    const all = tape.batch * channels;
    const operands = [tape.asOneImage(tape.lay(x, 'stacked')), kernelIn(kernel, shape, tape)];
    if (bias !== undefined) operands.push(tape.forEachImage(tape.padded(bias, shape.outputs), channels, 1, [all]));
    return tape.stacked(tape.addBlocked('Conv', operands, { ...windowOf(shape, all), ...rectifying(ceiling) }), outputShape(shape));
  },

  inputGradient(dy, kernel, shape, tape) {
    const channels = tape.wholeGroups(shape.inputs);
    const given = tape.lay(dy, 'stacked');
    const spread = shape.strides.some((stride) => stride > 1) ? spreadPixels(given.name, channels, shape, 1, tape) : tape.asOneImage(given);
    const name = tape.addBlocked('Conv', [spread, kernelIn(turnedRound(kernel, tape), shape, tape)], {
      kernel_shape: ints(shape.size), dilations: ints(shape.dilations), pads: ints(spreadPads(shape)), group: int(tape.batch * channels),
    });
    return tape.stacked(name, inputShape(shape));
  },

  kernelGradient(x, dy, shape, tape) {
    const { inputs, size, strides, dilations, inputSize, outputSize } = shape;
    const channels = tape.wholeGroups(inputs);
    const all = tape.batch * channels;
    const made = kernelPads(shape);
    const [top, left, bottom, right] = made.pads as [number, number, number, number];
    const apart = left + right > 0 && strides[1] === 1 && inputSize[1] >= widthWorthPadding;
    const given = tape.lay(x, 'stacked');
    let { name } = given;
    if (apart) name = tape.addBlocked('Conv', [name, everyChannel(1, channels, tape)], { kernel_shape: ints([1, 1]), pads: ints([0, left, 0, right]), group: int(channels) });
    const images = tape.reshape(name, [1, all, inputSize[0], inputSize[1] + (apart ? left + right : 0)]);
    const pads = apart ? [top, 0, bottom, 0] : made.pads;
    const windows = tape.reshape(tape.lay(dy, 'stacked').name, [all, 1, ...outputSize]);
    const each = tape.addBlocked('Conv', [images, windows], { kernel_shape: ints(outputSize), strides: ints(dilations), dilations: ints(strides), pads: ints(pads), group: int(all) });
    const sum = tape.reshape(tape.sumOverImages(each, given, made.size[0] * made.size[1]), [1, channels, ...made.size]);
    const kernel = tape.reshape(tape.addBlocked('ReorderOutput', [sum], { channels: int(inputs), channels_last: int(1) }), [...made.size, inputs, 1]);
    return made.size.join() === size.join() ? kernel : tape.add('Slice', [kernel, tape.integers([0, 0]), tape.integers(size), tape.integers([0, 1])]);
  },
};
