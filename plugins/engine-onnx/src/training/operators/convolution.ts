import type { Affine } from '../../lowering/value.js';
import { readWindow, samePadding, type Window } from '../../operators/window.js';
import { formFor } from '../forms/registry.js';
import type { ConvolutionShape } from '../forms/form.js';
import type { Parameter, Recorded, TrainingCall, TrainingOperator } from '../operator.js';
import type { Tape } from '../tape.js';
import { channels, sizes, type Traced } from '../traced.js';
import { throughRectifier } from '../forms/rectifier.js';
import { activateByName, rectifiers } from './activations.js';
import { chain } from './chain.js';

interface Weights {
  /** [h, w, in, out], or [h, w, in, multiplier] of a depthwise one. */
  kernel: Parameter;
  bias?: Parameter;
  /** Of a frozen batch-norm right behind. */
  affine?: Affine;
  /** Taken off the output: [C]. */
  lowered?: string;
}

/** What stands behind a convolution. */
export interface Behind {
  /** By its tfjs-layers name. */
  activation: string | undefined;
  unsupported(reason: string): Error;
}

/**
 * y = f((W s) * x + b s + t), with s, t of the frozen batch-norm where there is one. With g = dy f':
 * dW = s (g convolved with x), db = s sum g, dx = g convolved back with W s. s and t get no gradient. A gradient that is still to be scaled is taken
 * as it is: the scale goes to the kernel, and to its gradient.
 */
export function convolve(x: Traced, { kernel, bias, affine, lowered }: Weights, shape: ConvolutionShape, inputTrains: boolean, tape: Tape, { activation, unsupported }: Behind): Recorded {
  const { depthwise, inputs, outputs } = shape;
  const along = depthwise ? [1, 1, inputs, outputs / inputs] : [outputs];
  const scale = affine && tape.constant(affine.scale, [outputs], 'scale');
  const scaled = (name: string, dimensions: readonly number[]) => (scale === undefined ? name : tape.add('Mul', [name, tape.reshape(scale, dimensions)]));

  const folded = scaled(kernel.name, along);
  let shift = bias && scaled(bias.name, [outputs]);
  if (affine) {
    const constant = tape.constant(affine.shift, [outputs], 'shift');
    shift = shift === undefined ? constant : tape.add('Add', [shift, constant]);
  }
  if (lowered !== undefined) shift = shift === undefined ? tape.add('Neg', [lowered]) : tape.add('Sub', [shift, lowered]);
  const form = formFor('forward', shape, tape.block);
  const ceiling = form.rectifies ? rectifiers[activation ?? 'linear'] : undefined;
  const output = form.forward(x, folded, shift, shape, tape, ceiling);
  const convolution: Recorded = {
    output,
    backward({ scale: pending, ...gradient }) {
      const dy = ceiling === undefined ? gradient : throughRectifier(gradient, output, ceiling, tape);
      const whole = (name: string, dimensions: readonly number[]) => (pending === undefined ? name : tape.add('Mul', [name, tape.reshape(pending, dimensions)]));
      kernel.gradient(whole(scaled(formFor('kernelGradient', shape, tape.block).kernelGradient(x, dy, shape, tape), along), along));
      bias?.gradient(whole(scaled(tape.sumOverPlaces(dy), [outputs]), [outputs]));
      return [inputTrains ? formFor('inputGradient', shape, tape.block).inputGradient(dy, whole(folded, along), shape, tape) : undefined];
    },
  };
  return ceiling === undefined && (activation ?? 'linear') !== 'linear' ? chain(convolution, activateByName(activation, output, tape, unsupported)) : convolution;
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

/** conv2d, depthwiseConv2d and separableConv2d, with the frozen batch-norm and the rectifier right behind them. */
export const convolution: TrainingOperator = {
  layers: ['Conv2D', 'DepthwiseConv2D', 'SeparableConv2D'],
  forward(call, tape) {
    const [x] = call.inputs as [Traced];
    const window = readWindow(call, 'kernelSize');
    const outputSize = call.shape.slice(1, 3) as number[];
    const bias = call.parameter('bias');
    const { lowered } = call;
    const affine = call.block?.affine;
    const behind: Behind = { activation: call.block ? call.block.activation : call.config.text('activation'), unsupported: call.unsupported };
    if (call.type === 'Conv2D') {
      const kernel = call.required('kernel');
      if (kernel.shape[2] !== channels(x)) throw call.unsupported(`it expects ${kernel.shape[2]} channels and gets ${channels(x)}`);
      return convolve(x, { kernel, bias, affine, lowered }, shapeOf(call, window, false, kernel.shape[3]!, outputSize), call.inputTrains, tape, behind);
    }
    const kernel = call.required('depthwise_kernel');
    const shape = shapeOf(call, window, true, kernel.shape[2]! * kernel.shape[3]!, outputSize);
    if (call.type === 'DepthwiseConv2D') return convolve(x, { kernel, bias, affine, lowered }, shape, call.inputTrains, tape, behind);
    const first = convolve(x, { kernel }, shape, call.inputTrains, tape, { activation: 'linear', unsupported: call.unsupported });
    const pointwise = call.required('pointwise_kernel');
    return chain(first, convolve(first.output, { kernel: pointwise, bias }, pointwiseShape(first.output, pointwise.shape[3]!), true, tape, behind));
  },
};
