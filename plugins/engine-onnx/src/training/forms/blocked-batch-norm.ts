import { int, ints } from '../../onnx/graph.js';
import type { Parameter } from '../operator.js';
import type { Tape } from '../tape.js';
import { channels, inGroups, sizes, type Traced } from '../traced.js';
import { everyChannel, perChannel, rectifying, takesBlocks } from './blocked.js';
import { throughRectifier } from './rectifier.js';

interface BatchNorm {
  gamma?: Parameter;
  beta?: Parameter;
  epsilon: number;
  /** Of the rectifier right behind; undefined where there is none. */
  ceiling?: number;
  /** Whether what stands before takes dx / s and s apart. */
  scalesGradient?: boolean;
}

/** All over the batch: [whole groups]. */
interface Sums {
  /** sum a b, channel by channel: a convolution with a kernel as large as the image, images and channels taken for channels. */
  products(a: string, b: string): string;
  /** mean a. */
  mean(a: string): string;
}

function sumsOver(x: Traced, count: number, tape: Tape): Sums {
  const [height, width] = sizes(x) as [number, number];
  const all = tape.batch * count;
  return {
    products(a, b) {
      const each = tape.addBlocked('Conv', [tape.asOneImage({ ...x, name: a }), tape.reshape(b, [all, 1, height, width])], { kernel_shape: ints([height, width]), group: int(all) });
      return tape.sumOverImages(each, x);
    },
    mean(a) {
      const means = tape.addBlocked('GlobalAveragePool', [tape.asOneImage({ ...x, name: a })]);
      return tape.add('Mul', [tape.sumOverImages(means, x), tape.scalar(1 / tape.batch)]);
    },
  };
}

export const blocksBatchNorm = (x: Traced, block: number): boolean => x.shape.length === 4 && takesBlocks(channels(x), block);

/**
 * Batch-norm on its batch, in blocked order, rectified in the same pass. With s = gamma / sqrt(variance + epsilon):
 * y = s (x - mean) + beta; over the N places of a channel dbeta = sum dy, dgamma = sum dy (x - mean) / sqrt(variance + epsilon),
 * dx = s (dy + b x + c) with b = -dgamma / sqrt(variance + epsilon) / N, c = -dbeta / N - b mean. (Ioffe & Szegedy 2015)
 */
export function blockedBatchNorm(value: Traced, { gamma, beta, epsilon, ceiling, scalesGradient }: BatchNorm, statistics: (mean: string, variance: string) => void, tape: Tape) {
  const x = inGroups(value) ? value : tape.lay(value, 'blocked');
  const depth = channels(x);
  const count = tape.wholeGroups(depth);
  const [height, width] = sizes(x) as [number, number];
  const places = tape.scalar(tape.batch * height * width);
  const sums = sumsOver(x, count, tape);
  const combine = (operator: 'Add' | 'Sub' | 'Mul' | 'Div', a: string, b: string) => tape.add(operator, [a, b]);
  const kernel = (vector: string) => tape.reshape(vector, [count, 1, 1, 1]);

  const mean = sums.mean(x.name);
  const centred = perChannel(x.name, everyChannel(1, count, tape), tape.add('Neg', [mean]), count, {}, tape);
  const variance = combine('Div', sums.products(centred, centred), places);
  const inverse = tape.add('Reciprocal', [tape.add('Sqrt', [combine('Add', variance, tape.scalar(epsilon))])]);
  statistics(tape.firstOf(mean, depth), tape.firstOf(variance, depth));
  tape.keep(mean, count);
  tape.keep(inverse, count);

  const scale = gamma ? combine('Mul', inverse, tape.padded(gamma.name, depth)) : inverse;
  const moved = tape.add('Neg', [combine('Mul', mean, scale)]);
  const shift = beta ? combine('Add', moved, tape.padded(beta.name, depth)) : moved;
  const output: Traced = { ...x, name: perChannel(x.name, kernel(scale), shift, count, rectifying(ceiling), tape) };
  return {
    output,
    backward(gradient: Traced, inputTrains: boolean): (Traced | undefined)[] {
      const dy = tape.lay(ceiling === undefined ? gradient : throughRectifier(gradient, output, ceiling, tape), x.layout).name;
      const dbeta = combine('Mul', sums.mean(dy), places);
      const dgamma = combine('Mul', combine('Sub', sums.products(x.name, dy), combine('Mul', mean, dbeta)), inverse);
      beta?.gradient(tape.firstOf(dbeta, depth));
      gamma?.gradient(tape.firstOf(dgamma, depth));
      if (!inputTrains) return [undefined];
      const b = tape.add('Neg', [combine('Div', combine('Mul', inverse, dgamma), places)]);
      const c = tape.add('Neg', [combine('Add', combine('Div', dbeta, places), combine('Mul', b, mean))]);
      // b x + c in one pass, and what stands in dy on top of it.
      if (scalesGradient) return [{ ...x, name: perChannel(x.name, kernel(b), c, count, {}, tape, dy), scale: tape.firstOf(scale, depth) }];
      const line = perChannel(x.name, kernel(combine('Mul', scale, b)), combine('Mul', scale, c), count, {}, tape);
      return [{ ...x, name: perChannel(dy, kernel(scale), '', count, {}, tape, line) }];
    },
  };
}
