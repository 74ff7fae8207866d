import type { Affine } from '../../lowering/value.js';
import type { Recorded, TrainingCall, TrainingOperator } from '../operator.js';
import type { Tape } from '../tape.js';
import { channels, inGroups, sizes, type Traced } from '../traced.js';
import { blockedBatchNorm, blocksBatchNorm } from '../forms/blocked-batch-norm.js';
import { rectifiers, rectify } from './activations.js';
import { chain } from './chain.js';

/** Batch-norm that does not move is y = x s + t: s = gamma / sqrt(variance + epsilon), t = beta - mean s. */
export function frozenAffine(weight: (name: string) => Float32Array | undefined, epsilon: number): Affine {
  const variance = weight('moving_variance')!;
  const mean = weight('moving_mean')!;
  const gamma = weight('gamma');
  const beta = weight('beta');
  const scale = Float64Array.from(variance, (value, channel) => (gamma?.[channel] ?? 1) / Math.sqrt(value + epsilon));
  return { scale, shift: scale.map((factor, channel) => (beta?.[channel] ?? 0) - mean[channel]! * factor) };
}

/** dx = dy s; statistics, scale and offset get no gradient. */
function frozen(call: TrainingCall, x: Traced, epsilon: number, tape: Tape): Recorded {
  const { scale, shift } = frozenAffine(call.frozen, epsilon);
  const along = tape.channelShape(x);
  const factor = tape.constant(scale, along, `${call.name}.scale`);
  const output = { ...x, name: tape.add('Add', [tape.add('Mul', [x.name, factor]), tape.constant(shift, along, `${call.name}.shift`)]) };
  return { output, backward: (dy) => [{ ...x, name: tape.add('Mul', [tape.lay(dy, x.layout).name, factor]) }] };
}

/**
 * On the statistics of the batch: h = (x - mean) / sqrt(variance + epsilon), y = gamma h + beta. Over the N places of a channel
 * dbeta = sum dy, dgamma = sum dy h, dx = gamma / sqrt(variance + epsilon) (dy - dbeta / N - h dgamma / N). (Ioffe & Szegedy 2015)
 */
function onBatch(call: TrainingCall, x: Traced, epsilon: number, tape: Tape): Recorded {
  const along = tape.channelShape(x);
  const axes = tape.placeAxes(x);
  const broadcast = (perChannel: string) => tape.reshape(perChannel, along);
  const count = tape.scalar(tape.batch * sizes(x).slice(0, -1).reduce((product, size) => product * size, 1));
  const mean = tape.add('Div', [tape.sum(x.name, axes, false), count]);
  const centred = tape.add('Sub', [x.name, broadcast(mean)]);
  const variance = tape.add('Div', [tape.sum(tape.add('Mul', [centred, centred]), axes, false), count]);
  const inverse = tape.add('Reciprocal', [tape.add('Sqrt', [tape.add('Add', [variance, tape.scalar(epsilon)])])]);
  call.statistics(mean, variance);
  tape.keep(mean, channels(x));
  tape.keep(inverse, channels(x));
  const h = tape.add('Mul', [centred, broadcast(inverse)]);
  const [gamma, beta] = [call.parameter('gamma'), call.parameter('beta')];
  let y = h;
  if (gamma) y = tape.add('Mul', [y, broadcast(gamma.name)]);
  if (beta) y = tape.add('Add', [y, broadcast(beta.name)]);
  return {
    output: { ...x, name: y },
    backward(gradient) {
      const dy = tape.lay(gradient, x.layout);
      const offset = tape.sumOverPlaces(dy);
      const scale = tape.sumOverPlaces({ ...x, name: tape.add('Mul', [dy.name, h]) });
      beta?.gradient(offset);
      gamma?.gradient(scale);
      if (!call.inputTrains) return [undefined];
      const share = (sum: string) => broadcast(tape.add('Div', [sum, count]));
      const moved = tape.add('Sub', [tape.add('Sub', [dy.name, share(offset)]), tape.add('Mul', [h, share(scale)])]);
      const factor = gamma ? tape.add('Mul', [inverse, gamma.name]) : inverse;
      return [{ ...x, name: tape.add('Mul', [moved, broadcast(factor)]) }];
    },
  };
}

/** What batch-norm over the last axis needs on its batch; undefined where a rectifier behind it is not one that convolutions do. */
export function batchNormOf(call: TrainingCall) {
  const axis = call.config.number('axis') ?? -1;
  if (axis !== -1 && axis !== call.shape.length - 1) return undefined;
  return {
    gamma: call.parameter('gamma'), beta: call.parameter('beta'), epsilon: call.config.number('epsilon') ?? 1e-3,
    ceiling: rectifiers[call.activation ?? 'linear'], statistics: call.statistics,
  };
}

/** batchNormalization over the last axis, frozen or training. */
export const batchNormalization: TrainingOperator = {
  layers: ['BatchNormalization'],
  forward(call, tape) {
    const [input] = call.inputs as [Traced];
    const rank = input.shape.length;
    const axis = call.config.number('axis') ?? -1;
    if (axis !== -1 && axis !== rank - 1) throw call.unsupported(`it normalises axis ${axis}; the last is expected`);
    const epsilon = call.config.number('epsilon') ?? 1e-3;
    const open = inGroups(input) ? tape.plain(input) : input;
    if (call.batchNorm === 'frozen') return frozen(call, open, epsilon, tape);
    const ceiling = rectifiers[call.activation ?? 'linear'];
    if (blocksBatchNorm(input, tape.block)) {
      const blocked = blockedBatchNorm(input, { gamma: call.parameter('gamma'), beta: call.parameter('beta'), epsilon, ceiling, scalesGradient: call.scalesGradient, lowered: call.lowered }, call.statistics, tape);
      return { output: blocked.output, backward: (dy) => blocked.backward(dy, call.inputTrains) };
    }
    const normalised = onBatch(call, open, epsilon, tape);
    return ceiling === undefined ? normalised : chain(normalised, rectify(normalised.output, ceiling, tape));
  },
};
