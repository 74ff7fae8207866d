import type { Affine } from '../../lowering/value.js';
import { readWindow, samePadding, type Window } from '../../operators/window.js';
import { formFor } from '../forms/registry.js';
import type { ConvolutionShape } from '../forms/form.js';
import type { Parameter, Recorded, TrainingCall, TrainingOperator } from '../operator.js';
import type { Tape } from '../tape.js';
import { channels, sizes, type Traced } from '../traced.js';
import { activateByName } from './activations.js';

interface Weights {
  /** [h, w, in, out], or [h, w, in, multiplier] of a depthwise one. */
  kernel: Parameter;
  bias?: Parameter;
  /** Of a frozen batch-norm right behind. */
  affine?: Affine;
}

/** From tfjs's order to [outputs, inputs of a group, h, w], and back. */
const order = {
  dense: { there: [3, 2, 0, 1], back: [2, 3, 1, 0] },
  depthwise: { there: [2, 3, 0, 1], back: [2, 3, 0, 1] },
};

/**
 * y = (W s) * x + b s + t, with s, t of the frozen batch-norm where there is one.
 * dW = s (dy convolved with x), db = s sum dy, dx = dy convolved back with W s. s and t get no gradient.
 */
export function convolve(x: Traced, { kernel, bias, affine }: Weights, shape: ConvolutionShape, inputTrains: boolean, tape: Tape): Recorded {
  const { depthwise, inputs, outputs, size } = shape;
  const { there, back } = order[depthwise ? 'depthwise' : 'dense'];
  const scale = affine && tape.constant(affine.scale, [outputs], 'scale');
  const scaled = (name: string, ...dimensions: number[]) => (scale === undefined ? name : tape.add('Mul', [name, tape.reshape(scale, [outputs, ...dimensions])]));

  const ordered = tape.reshape(tape.transpose(kernel.name, there), [outputs, depthwise ? 1 : inputs, ...size]);
  const folded = scaled(ordered, 1, 1, 1);
  let shift = bias && scaled(bias.name);
  if (affine) {
    const constant = tape.constant(affine.shift, [outputs], 'shift');
    shift = shift === undefined ? constant : tape.add('Add', [shift, constant]);
  }
  return {
    output: formFor('forward', shape).forward(x, folded, shift, shape, tape),
    backward(dy) {
      const gradient = scaled(formFor('kernelGradient', shape).kernelGradient(x, dy, shape, tape), 1, 1, 1);
      const grouped = depthwise ? tape.reshape(gradient, [inputs, outputs / inputs, ...size]) : gradient;
      kernel.gradient(tape.transpose(grouped, back));
      bias?.gradient(scaled(tape.sumOverPlaces(dy)));
      return [inputTrains ? formFor('inputGradient', shape).inputGradient(dy, folded, shape, tape) : undefined];
    },
  };
}

const pointwiseWindow: Window = { size: [1, 1], strides: [1, 1], dilations: [1, 1], padding: 'valid' };

/** Everything that the forms want to know. */
function shapeOf(call: TrainingCall, window: Window, depthwise: boolean, outputs: number, outputSize: number[]): ConvolutionShape {
  const [input] = call.inputs as [Traced];
  const [height, width] = sizes(input) as [number, number];
  const more = call.pads ?? { top: 0, left: 0, bottom: 0, right: 0 };
  const padded = { shape: [null, height + more.top + more.bottom, width + more.left + more.right, channels(input)] };
  const own = window.padding === 'same' ? samePadding(window, padded)! : { top: 0, left: 0, bottom: 0, right: 0 };
  return {
    depthwise, inputs: channels(input), outputs, size: window.size, strides: window.strides, dilations: window.dilations,
    pads: { top: own.top + more.top, left: own.left + more.left, bottom: own.bottom + more.bottom, right: own.right + more.right },
    inputSize: [height, width], outputSize: outputSize as [number, number],
  };
}

/** 1 by 1: what a dense layer does to an image, and the second half of a separable convolution. */
export function pointwiseShape(x: Traced, outputs: number): ConvolutionShape {
  const [height, width] = sizes(x) as [number, number];
  return {
    depthwise: false, inputs: channels(x), outputs, ...pointwiseWindow, pads: { top: 0, left: 0, bottom: 0, right: 0 },
    inputSize: [height, width], outputSize: [height, width],
  };
}

/** What stands behind: the gradient runs through the parts from the last to the first. */
export function chain(...parts: readonly Recorded[]): Recorded {
  return {
    output: parts.at(-1)!.output,
    backward: (gradient) => parts.toReversed().reduce<(Traced | undefined)[]>((gradients, part) => part.backward(gradients[0]!), [gradient]),
  };
}

/** conv2d, depthwiseConv2d and separableConv2d, with the frozen batch-norm and the rectifier right behind them. */
export const convolution: TrainingOperator = {
  layers: ['Conv2D', 'DepthwiseConv2D', 'SeparableConv2D'],
  forward(call, tape) {
    const [x] = call.inputs as [Traced];
    const window = readWindow(call, 'kernelSize');
    const outputSize = call.shape.slice(1, 3) as number[];
    const bias = call.parameter('bias');
    const affine = call.block?.affine;
    const parts: Recorded[] = [];
    if (call.type === 'Conv2D') {
      const kernel = call.required('kernel');
      if (kernel.shape[2] !== channels(x)) throw call.unsupported(`it expects ${kernel.shape[2]} channels and gets ${channels(x)}`);
      parts.push(convolve(x, { kernel, bias, affine }, shapeOf(call, window, false, kernel.shape[3]!, outputSize), call.inputTrains, tape));
    } else {
      const separable = call.type === 'SeparableConv2D';
      const kernel = call.required('depthwise_kernel');
      const shape = shapeOf(call, window, true, kernel.shape[2]! * kernel.shape[3]!, outputSize);
      parts.push(convolve(x, separable ? { kernel } : { kernel, bias, affine }, shape, call.inputTrains, tape));
      if (separable) {
        const middle = parts[0]!.output;
        const pointwise = call.required('pointwise_kernel');
        parts.push(convolve(middle, { kernel: pointwise, bias }, pointwiseShape(middle, pointwise.shape[3]!), true, tape));
      }
    }
    const activation = call.block ? call.block.activation : call.config.text('activation');
    parts.push(activateByName(activation, parts.at(-1)!.output, tape, call.unsupported));
    return chain(...parts);
  },
};
