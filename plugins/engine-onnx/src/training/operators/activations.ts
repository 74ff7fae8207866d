import { float, int } from '../../onnx/graph.js';
import { dataType } from '../../onnx/schema.js';
import type { Recorded } from '../operator.js';
import type { Tape } from '../tape.js';
import { isImage, type Traced } from '../traced.js';
import { throughRectifier } from '../forms/rectifier.js';

/** What goes back: dx from dy. */
type Backward = (dy: string) => string;
/** y = f(x), element by element, and its gradient. */
type Activation = (x: string, tape: Tape) => [y: string, Backward];

const multiply = (tape: Tape, ...factors: string[]): string => factors.reduce((product, factor) => tape.add('Mul', [product, factor]));
const add = (tape: Tape, a: string, b: string | number): string => tape.add('Add', [a, typeof b === 'number' ? tape.scalar(b) : b]);
const times = (tape: Tape, x: string, factor: number): string => tape.add('Mul', [x, tape.scalar(factor)]);
/** 1 - x */
const complement = (tape: Tape, x: string): string => tape.add('Sub', [tape.scalar(1), x]);
/** 1 where x > low (and x < high), else 0. */
export function between(tape: Tape, x: string, low: number, high?: number): string {
  let mask = tape.add('Greater', [x, tape.scalar(low)]);
  if (high !== undefined) mask = tape.add('And', [mask, tape.add('Less', [x, tape.scalar(high)])]);
  return tape.add('Cast', [mask], { to: int(dataType.float) });
}

/** Rectifiers by their tfjs-layers names: their ceilings. */
export const rectifiers: Readonly<Record<string, number | undefined>> = { relu: Number.POSITIVE_INFINITY, relu6: 6 };

/** min(max(x, 0), ceiling); dx = dy where 0 < y < ceiling. */
export function rectify(x: Traced, ceiling: number, tape: Tape): Recorded {
  const endless = ceiling === Number.POSITIVE_INFINITY;
  const output = { ...x, name: endless ? tape.add('Relu', [x.name]) : tape.add('Clip', [x.name, tape.scalar(0), tape.scalar(ceiling)]) };
  return { output, backward: (dy) => [throughRectifier(dy, output, ceiling, tape)] };
}

/** x where x > 0, else slope x. */
export const leaky = (slope: number): Activation => (x, tape) => [
  tape.add('LeakyRelu', [x], { alpha: float(slope) }),
  (dy) => multiply(tape, dy, add(tape, times(tape, between(tape, x, 0), 1 - slope), slope)),
];

/** x where x > threshold, else 0. */
export const thresholded = (threshold: number): Activation => (x, tape) => [
  tape.add('ThresholdedRelu', [x], { alpha: float(threshold) }),
  (dy) => multiply(tape, dy, between(tape, x, threshold)),
];

/** scale x where x > 0, else scale alpha (e^x - 1), whose derivative is y + scale alpha. */
const exponential = (operator: 'Elu' | 'Selu', alpha: number, scale: number): Activation => (x, tape) => {
  const y = tape.add(operator, [x], operator === 'Elu' ? { alpha: float(alpha) } : { alpha: float(alpha), gamma: float(scale) });
  return [y, (dy) => multiply(tape, dy, tape.add('Where', [tape.add('Greater', [x, tape.scalar(0)]), tape.scalar(scale), add(tape, y, scale * alpha)]))];
};
export const elu = (alpha: number): Activation => exponential('Elu', alpha, 1);

/** 1 / (1 + e^-x); dx = dy y (1 - y). */
const sigmoid: Activation = (x, tape) => {
  const y = tape.add('Sigmoid', [x]);
  return [y, (dy) => multiply(tape, dy, multiply(tape, y, complement(tape, y)))];
};

/** dx = dy (1 - y^2). */
const tanh: Activation = (x, tape) => {
  const y = tape.add('Tanh', [x]);
  return [y, (dy) => multiply(tape, dy, complement(tape, multiply(tape, y, y)))];
};

/** x s with s = sigmoid(x); dx = dy s (1 + x (1 - s)). */
const swish: Activation = (x, tape) => [
  multiply(tape, x, tape.add('Sigmoid', [x])),
  (dy) => {
    const s = tape.add('Sigmoid', [x]);
    return multiply(tape, dy, s, add(tape, multiply(tape, x, complement(tape, s)), 1));
  },
];

/** min(max(slope x + 1/2, 0), 1); dx = slope dy inside. */
const hardSigmoid: Activation = (x, tape) => {
  const y = tape.add('HardSigmoid', [x], { alpha: float(0.2), beta: float(0.5) });
  return [y, (dy) => multiply(tape, dy, times(tape, between(tape, y, 0, 1), 0.2))];
};

/** x h with h = min(max(x / 6 + 1/2, 0), 1); dx = dy (h + x / 6 where -3 < x < 3). (Howard et al. 2019) */
export const hardSwish: Activation = (x, tape) => {
  const gate = () => tape.add('HardSigmoid', [x], { alpha: float(1 / 6), beta: float(0.5) });
  return [multiply(tape, x, gate()), (dy) => multiply(tape, dy, add(tape, gate(), multiply(tape, times(tape, x, 1 / 6), between(tape, x, -3, 3))))];
};

/** log(1 + e^x); dx = dy sigmoid(x). */
const softplus: Activation = (x, tape) => [tape.add('Softplus', [x]), (dy) => multiply(tape, dy, tape.add('Sigmoid', [x]))];

/** x / (1 + |x|); dx = dy / (1 + |x|)^2. */
const softsign: Activation = (x, tape) => [
  tape.add('Softsign', [x]),
  (dy) => {
    const root = add(tape, tape.add('Abs', [x]), 1);
    return tape.add('Div', [dy, multiply(tape, root, root)]);
  },
];

/** x t with t = tanh(softplus(x)); dx = dy (t + x (1 - t^2) sigmoid(x)). (Misra 2019) */
const mish: Activation = (x, tape) => {
  const gate = () => tape.add('Tanh', [tape.add('Softplus', [x])]);
  return [multiply(tape, x, gate()), (dy) => {
    const t = gate();
    return multiply(tape, dy, add(tape, t, multiply(tape, x, complement(tape, multiply(tape, t, t)), tape.add('Sigmoid', [x]))));
  }];
};

/** x P(x), P the normal distribution; dx = dy (P(x) + x e^(-x^2 / 2) / sqrt(2 pi)). (Hendrycks & Gimpel 2016) */
const gelu: Activation = (x, tape) => {
  const distribution = () => times(tape, add(tape, tape.add('Erf', [times(tape, x, Math.SQRT1_2)]), 1), 0.5);
  return [multiply(tape, x, distribution()), (dy) => {
    const density = times(tape, tape.add('Exp', [times(tape, multiply(tape, x, x), -0.5)]), 1 / Math.sqrt(2 * Math.PI));
    return multiply(tape, dy, add(tape, distribution(), multiply(tape, x, density)));
  }];
};

/** Its approximation x (1 + t) / 2, t = tanh(u), u = c (x + a x^3); dx = dy ((1 + t) / 2 + x (1 - t^2) c (1 + 3 a x^2) / 2). */
const geluNew: Activation = (x, tape) => {
  const [a, c] = [0.044715, Math.sqrt(2 / Math.PI)];
  const curve = () => tape.add('Tanh', [multiply(tape, times(tape, x, c), add(tape, times(tape, multiply(tape, x, x), a), 1))]);
  const half = (t: string) => times(tape, add(tape, t, 1), 0.5);
  return [multiply(tape, x, half(curve())), (dy) => {
    const t = curve();
    const slope = times(tape, add(tape, times(tape, multiply(tape, x, x), 3 * a), 1), c / 2);
    return multiply(tape, dy, add(tape, half(t), multiply(tape, x, complement(tape, multiply(tape, t, t)), slope)));
  }];
};

/** Along an axis: y_i = e^x_i / sum e^x; dx = y (dy - sum dy y). Of its logarithm: dx = dy - e^y sum dy. */
export const softmax = (logarithm: boolean, axis: number): Activation => (x, tape) => {
  const y = tape.add(logarithm ? 'LogSoftmax' : 'Softmax', [x], { axis: int(axis) });
  return [y, (dy) => (logarithm
    ? tape.add('Sub', [dy, multiply(tape, tape.add('Exp', [y]), tape.sum(dy, [axis], true))])
    : multiply(tape, y, tape.add('Sub', [dy, tape.sum(multiply(tape, dy, y), [axis], true)])))];
};

/** By the names that tfjs-layers gives them; hardSwish is what converted networks call it. */
const activations: Readonly<Record<string, Activation>> = {
  linear: (x) => [x, (dy) => dy],
  sigmoid, tanh, swish, hardSigmoid, hardSwish, softplus, softsign, mish, gelu, gelu_new: geluNew,
  elu: elu(1), selu: exponential('Selu', 1.6732632423543772, 1.0507009873554805),
};

/** Puts an activation onto a value, in the layout it has. */
export function activate(activation: Activation, value: Traced, tape: Tape): Recorded {
  const [y, backward] = activation(value.name, tape);
  return {
    output: { ...value, name: y },
    backward: (gradient) => [{ ...value, name: backward(tape.lay(gradient, value.layout).name) }],
  };
}

/** Like {@link activate}, by the activation's name. @throws CultivarError ENGINE_UNSUPPORTED */
export function activateByName(name: string | undefined, value: Traced, tape: Tape, unsupported: (reason: string) => Error): Recorded {
  if (name === 'softmax' || name === 'logSoftmax') {
    const plain = tape.plain(value);
    return activate(softmax(name === 'logSoftmax', isImage(plain) ? 1 : plain.shape.length - 1), plain, tape);
  }
  const ceiling = rectifiers[name ?? 'linear'];
  if (ceiling !== undefined) return rectify(value, ceiling, tape);
  const activation = activations[name ?? 'linear'];
  if (!activation) throw unsupported(`its activation is ${name}`);
  return activate(activation, value, tape);
}
