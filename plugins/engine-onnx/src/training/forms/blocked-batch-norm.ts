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
  /** What was taken off x, near to its mean: [C]. */
  lowered?: string;
}

/** sum a b over all places, channel by channel: a convolution with a kernel as large as the image, images and channels taken for channels. @returns [whole groups] */
function sumOfProducts(a: Traced, b: Traced, tape: Tape): string {
  const [height, width, depth] = sizes(a) as [number, number, number];
  const count = tape.wholeGroups(depth);
  const window = (image: string, groups: number, rows: number) =>
    tape.addBlocked('Conv', [image, tape.reshape(b.name, [groups, 1, rows, width])], { kernel_shape: ints([rows, width]), group: int(groups) });
  if (tape.sumsAtOnce(a)) return tape.reshape(window(a.name, count, tape.batch * height), [count]);
  return tape.sumOverImages(window(tape.asOneImage(a), tape.batch * count, height), a);
}

export const blocksBatchNorm = (x: Pick<Traced, 'shape'>, block: number): boolean => x.shape.length === 4 && takesBlocks(channels(x), block);

/**
 * Whether the convolution in front should take the moving mean off its output, at no cost: what is left of the batch's mean is small, so that the variance
 * needs no second look at the numbers. With few places that look is short, and a channel that is the same at all of them not rare: with a moving
 * mean that is far off, rounding would be all that is left of its variance.
 */
export const isWorthLowering = (x: Pick<Traced, 'shape'>, tape: Tape): boolean => blocksBatchNorm(x, tape.block) && tape.places(x) >= 4096;

/**
 * mean (x - mean x)^2. Where x has been lowered by about its mean, that is mean x^2 - (mean x)^2, which loses no precision then, since
 * the second term is small. @returns [whole groups]
 */
function varianceOf(x: Traced, mean: string, lowered: boolean, tape: Tape): string {
  const count = tape.wholeGroups(channels(x));
  const share = tape.scalar(1 / tape.places(x));
  if (lowered) {
    const square = tape.add('Mul', [sumOfProducts(x, x, tape), share]);
    // Rounding may leave it below zero.
    return tape.add('Relu', [tape.add('Sub', [square, tape.add('Mul', [mean, mean])])]);
  }
  const centred: Traced = { ...x, name: perChannel(x.name, everyChannel(1, count, tape), tape.add('Neg', [mean]), count, {}, tape) };
  return tape.add('Mul', [sumOfProducts(centred, centred, tape), share]);
}

/**
 * Batch-norm on its batch, in blocked order, rectified in the same pass. With s = gamma / sqrt(variance + epsilon):
 * y = s (x - mean) + beta; over the N places of a channel dbeta = sum dy, dgamma = sum dy (x - mean) / sqrt(variance + epsilon),
 * dx = s (dy + b x + c) with b = -dgamma / sqrt(variance + epsilon) / N, c = -dbeta / N - b mean. (Ioffe & Szegedy 2015)
 */
export function blockedBatchNorm(value: Traced, { gamma, beta, epsilon, ceiling, scalesGradient, lowered }: BatchNorm, statistics: (mean: string, variance: string) => void, tape: Tape) {
  const x = inGroups(value) ? value : tape.lay(value, 'blocked');
  const depth = channels(x);
  const count = tape.wholeGroups(depth);
  const combine = (operator: 'Add' | 'Sub' | 'Mul', a: string, b: string) => tape.add(operator, [a, b]);
  const kernel = (vector: string) => tape.reshape(vector, [count, 1, 1, 1]);

  const mean = tape.meanInGroups(x);
  const variance = varianceOf(x, mean, lowered !== undefined, tape);
  const inverse = tape.add('Reciprocal', [tape.add('Sqrt', [combine('Add', variance, tape.scalar(epsilon))])]);
  const own = tape.firstOf(mean, depth);
  statistics(lowered === undefined ? own : combine('Add', own, lowered), tape.firstOf(variance, depth));
  tape.keep(mean, count);
  tape.keep(inverse, count);

  const scale = gamma ? combine('Mul', inverse, tape.padded(gamma.name, depth)) : inverse;
  const drift = combine('Mul', mean, scale);
  const shift = beta ? combine('Sub', tape.padded(beta.name, depth), drift) : tape.add('Neg', [drift]);
  const output: Traced = { ...x, name: perChannel(x.name, kernel(scale), shift, count, rectifying(ceiling), tape) };
  return {
    output,
    backward(gradient: Traced, inputTrains: boolean): (Traced | undefined)[] {
      const places = tape.places(x);
      const dy = tape.lay(ceiling === undefined ? gradient : throughRectifier(gradient, output, ceiling, tape), x.layout);
      const average = tape.meanInGroups(dy);
      const dbeta = combine('Mul', average, tape.scalar(places));
      const dgamma = combine('Mul', combine('Sub', sumOfProducts(x, dy, tape), combine('Mul', mean, dbeta)), inverse);
      beta?.gradient(tape.firstOf(dbeta, depth));
      gamma?.gradient(tape.firstOf(dgamma, depth));
      if (!inputTrains) return [undefined];
      const b = combine('Mul', combine('Mul', inverse, dgamma), tape.scalar(-1 / places));
      const c = tape.add('Neg', [combine('Add', average, combine('Mul', b, mean))]);
      // b x + c in one pass, and what stands in dy on top of it.
      if (scalesGradient) return [{ ...x, name: perChannel(x.name, kernel(b), c, count, {}, tape, dy.name), scale: tape.firstOf(scale, depth) }];
      const line = perChannel(x.name, kernel(combine('Mul', scale, b)), combine('Mul', scale, c), count, {}, tape);
      return [{ ...x, name: perChannel(dy.name, kernel(scale), '', count, {}, tape, line) }];
    },
  };
}
