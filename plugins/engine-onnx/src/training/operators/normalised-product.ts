import { readWindow } from '../../operators/window.js';
import type { Parameter, Recorded, TrainingCall } from '../operator.js';
import { everyChannel, perChannel, takesBlocks } from '../forms/blocked.js';
import { formFor } from '../forms/registry.js';
import { throughRectifier } from '../forms/rectifier.js';
import type { Tape } from '../tape.js';
import { channels, inGroups, sizes, type Traced } from '../traced.js';
import { pointwiseShape } from './convolution.js';

interface Normalised {
  /** [1, 1, in, out]. */
  kernel: Parameter;
  gamma?: Parameter;
  beta?: Parameter;
  epsilon: number;
  /** Of the rectifier right behind; undefined where there is none. */
  ceiling?: number;
  statistics: TrainingCall['statistics'];
  inputTrains: boolean;
}

/**
 * What of a convolution stands in a normalised product; undefined where it is none, or where that does not pay: what it saves is a dozen passes
 * over the output, what it costs are products with the square of the inputs (measured: a pass over one number takes as long as some
 * five multiplications of a product).
 */
export function productOf(call: TrainingCall, tape: Tape): { kernel: Parameter } | undefined {
  if (call.type !== 'Conv2D' || call.pads) return undefined;
  const [x] = call.inputs as [Traced];
  const kernel = call.parameter('kernel');
  const { size, strides } = readWindow(call, 'kernelSize');
  const inputs = channels(x);
  if (!kernel || call.parameter('bias') || call.frozen('bias') || kernel.shape[2] !== inputs || [...size, ...strides].some((one) => one !== 1)) return undefined;
  const outputs = kernel.shape[3]!;
  const [height, width] = sizes(x) as [number, number];
  const places = tape.batch * height * width;
  const pays = inputs ** 2 * (places + outputs) < 60 * places * outputs;
  return pays && takesBlocks(inputs, tape.block) && takesBlocks(outputs, tape.block) ? { kernel } : undefined;
}

/**
 * A 1x1 convolution z = W' x and the batch-norm on its batch right behind, without ever writing z. A batch-norm behind a product knows
 * its statistics from those of x, which has few channels where z has many: with h = x - mean x and C = mean h h',
 * mean z = W' mean x and variance z = diag(W' C W). So y = f(s z + t) is one convolution with the kernel W s, where
 * s = gamma / sqrt(variance + epsilon), t = beta - s mean z.
 * Back, with g = dy f', sums over all N places and D = sum h g':
 *   dbeta = sum g,  dgamma = diag(W' D) / sqrt(variance + epsilon),  k = s dgamma / sqrt(variance + epsilon),
 *   dz = s g - s dbeta / N - k / N W' h,
 *   dW = sum h dz' = D s - C W k,  dx = W dz = W s g - W diag(k) W' h / N - W s dbeta / N.
 * (Ioffe & Szegedy 2015, section 3, with the chain rule carried through the product)
 */
export function normalisedProduct(input: Traced, outputs: number, { kernel, gamma, beta, epsilon, ceiling, statistics, inputTrains }: Normalised, tape: Tape): Recorded {
  const inputs = channels(input);
  const shape = pointwiseShape(input, outputs);
  const square = pointwiseShape(input, inputs);
  const places = tape.places(input);
  const combine = (operator: 'Add' | 'Sub' | 'Mul' | 'MatMul', a: string, b: string) => tape.add(operator, [a, b]);
  const times = (vector: string, factor: number) => combine('Mul', vector, tape.scalar(factor));
  const matrix = tape.reshape(kernel.name, [inputs, outputs]);
  /** W v: [inputs]. */
  const through = (vector: string) => tape.reshape(combine('MatMul', matrix, tape.reshape(vector, [outputs, 1])), [inputs]);

  const x = inGroups(input) ? input : tape.lay(input, 'blocked');
  const mean = times(tape.sumOverPlaces(x), 1 / places);
  const count = tape.wholeGroups(inputs);
  const h: Traced = { ...x, name: perChannel(x.name, everyChannel(1, count, tape), tape.padded(tape.add('Neg', [mean]), inputs), count, {}, tape) };
  const covariance = times(tape.reshape(formFor('kernelGradient', square, tape.block).kernelGradient(h, h, square, tape), [inputs, inputs]), 1 / places);
  const mixed = combine('MatMul', covariance, matrix);
  // Rounding may leave it below zero.
  const variance = tape.add('Relu', [tape.sum(combine('Mul', matrix, mixed), [0], false)]);
  const middle = tape.reshape(combine('MatMul', tape.reshape(mean, [1, inputs]), matrix), [outputs]);
  const inverse = tape.add('Reciprocal', [tape.add('Sqrt', [combine('Add', variance, tape.scalar(epsilon))])]);
  statistics(middle, variance);
  for (const vector of [inverse, middle]) tape.keep(vector, outputs);

  const scale = gamma ? combine('Mul', inverse, gamma.name) : inverse;
  const drift = combine('Mul', middle, scale);
  const folded = combine('Mul', kernel.name, scale);
  const shift = beta ? combine('Sub', beta.name, drift) : tape.add('Neg', [drift]);
  const output = formFor('forward', shape, tape.block).forward(x, folded, shift, shape, tape, ceiling);
  return {
    output,
    backward(gradient) {
      const g = ceiling === undefined ? gradient : throughRectifier(gradient, output, ceiling, tape);
      const offset = tape.sumOverPlaces(g);
      const products = tape.reshape(formFor('kernelGradient', shape, tape.block).kernelGradient(h, g, shape, tape), [inputs, outputs]);
      const slope = combine('Mul', tape.sum(combine('Mul', matrix, products), [0], false), inverse);
      beta?.gradient(offset);
      gamma?.gradient(slope);
      const k = combine('Mul', combine('Mul', scale, inverse), slope);
      kernel.gradient(tape.reshape(combine('Sub', combine('Mul', products, scale), combine('Mul', mixed, k)), [1, 1, inputs, outputs]));
      if (!inputTrains) return [undefined];
      const back = combine('MatMul', combine('Mul', matrix, times(k, -1 / places)), tape.transpose(matrix, [1, 0]));
      const constant = through(times(combine('Mul', scale, offset), -1 / places));
      const line = formFor('forward', square, tape.block).forward(h, tape.reshape(back, [1, 1, inputs, inputs]), constant, square, tape);
      const form = formFor('inputGradient', shape, tape.block);
      if (form.adds) return [form.inputGradient(g, folded, shape, tape, line)];
      const direct = form.inputGradient(g, folded, shape, tape);
      return [{ ...direct, name: combine('Add', direct.name, tape.lay(line, direct.layout).name) }];
    },
  };
}
