import { float, int } from '../onnx/graph.js';
import type { LoweringContext } from '../lowering/context.js';
import { isImage, onnxAxis, type Value } from '../lowering/value.js';
import type { Operator, OperatorCall } from './operator.js';

type Write = (x: string, context: LoweringContext) => string;

const gelu: Write = (x, context) => {
  // x * (1 + erf(x / sqrt 2)) / 2
  const erf = context.add('Erf', [context.add('Mul', [x, context.scalar(Math.SQRT1_2)])]);
  return context.add('Mul', [context.add('Mul', [x, context.scalar(0.5)]), context.add('Add', [erf, context.scalar(1)])]);
};

const geluNew: Write = (x, context) => {
  // x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3)))
  const cube = context.add('Mul', [x, context.add('Mul', [x, x])]);
  const inner = context.add('Add', [x, context.add('Mul', [cube, context.scalar(0.044715)])]);
  const tanh = context.add('Tanh', [context.add('Mul', [inner, context.scalar(Math.sqrt(2 / Math.PI))])]);
  return context.add('Mul', [context.add('Mul', [x, context.scalar(0.5)]), context.add('Add', [tanh, context.scalar(1)])]);
};

/** By the names that tfjs-layers gives them. Softmax is apart: it needs an axis. */
const activations: Readonly<Record<string, Write>> = {
  relu: (x, context) => context.add('Relu', [x]),
  relu6: (x, context) => context.add('Clip', [x, context.scalar(0), context.scalar(6)]),
  sigmoid: (x, context) => context.add('Sigmoid', [x]),
  tanh: (x, context) => context.add('Tanh', [x]),
  elu: (x, context) => context.add('Elu', [x], { alpha: float(1) }),
  selu: (x, context) => context.add('Selu', [x], { alpha: float(1.6732632423543772), gamma: float(1.0507009873554805) }),
  softplus: (x, context) => context.add('Softplus', [x]),
  softsign: (x, context) => context.add('Softsign', [x]),
  hardSigmoid: (x, context) => context.add('HardSigmoid', [x], { alpha: float(0.2), beta: float(0.5) }),
  swish: (x, context) => context.add('Mul', [x, context.add('Sigmoid', [x])]),
  mish: (x, context) => context.add('Mul', [x, context.add('Tanh', [context.add('Softplus', [x])])]),
  gelu,
  gelu_new: geluNew,
  // Not tfjs-layers' own, but what converted networks call it: x * relu6(x + 3) / 6
  hardSwish: (x, context) => context.add('Mul', [x, context.add('HardSigmoid', [x], { alpha: float(1 / 6), beta: float(0.5) })]),
};

function alongAxis(operator: 'Softmax' | 'LogSoftmax', value: Value, context: LoweringContext, axis: number): Value {
  const { name } = context.plain(value);
  return { name: context.add(operator, [name], { axis: int(onnxAxis(axis, value.shape.length)) }), shape: value.shape };
}

/** Puts an activation, by its tfjs-layers name, onto a value. */
export function applyActivation(call: OperatorCall, context: LoweringContext, value: Value, name = 'linear'): Value {
  if (name === 'linear') return value;
  if (name === 'softmax') return alongAxis('Softmax', value, context, -1);
  if (name === 'logSoftmax') return alongAxis('LogSoftmax', value, context, -1);
  const write = activations[name];
  if (!write) throw call.unsupported(`its activation is ${name}`);
  return { name: write(context.plain(value).name, context), shape: value.shape };
}

/** activation('relu'), activation('swish'), ... */
export const activation: Operator = {
  layers: ['Activation'],
  forward: (call, context) => applyActivation(call, context, call.inputs[0]!, call.config.text('activation')),
};

/** reLU with or without a ceiling, leakyReLU, elu with its alpha, thresholdedReLU, softmax over an axis, and hard swish. */
export const rectifier: Operator = {
  layers: ['ReLU', 'LeakyReLU', 'ELU', 'ThresholdedReLU', 'Softmax', 'HardSwish'],
  forward(call, context) {
    const [input] = call.inputs as [Value];
    const { config } = call;
    if (call.type === 'Softmax') return alongAxis('Softmax', input, context, config.number('axis') ?? -1);
    const { name: x } = context.plain(input);
    const result = (name: string): Value => ({ name, shape: input.shape });
    switch (call.type) {
      case 'ReLU': {
        const ceiling = config.number('maxValue');
        return result(ceiling === undefined ? context.add('Relu', [x]) : context.add('Clip', [x, context.scalar(0), context.scalar(ceiling)]));
      }
      case 'LeakyReLU':
        return result(context.add('LeakyRelu', [x], { alpha: float(config.number('alpha') ?? 0.3) }));
      case 'ELU':
        return result(context.add('Elu', [x], { alpha: float(config.number('alpha') ?? 1) }));
      case 'ThresholdedReLU':
        return result(context.add('ThresholdedRelu', [x], { alpha: float(config.number('theta') ?? 1) }));
      default:
        return result(activations['hardSwish']!(x, context));
    }
  },
};

/** prelu: x where x > 0, else a * x, with learned a of the input's shape, shared along some axes. */
export const prelu: Operator = {
  layers: ['PReLU'],
  forward(call, context) {
    const input = context.plain(call.inputs[0]!);
    const alpha = call.required('alpha');
    let { data, shape } = alpha;
    if (isImage(input)) {
      const [height, width, depth] = shape as [number, number, number];
      data = new Float32Array(alpha.data.length);
      for (let place = 0; place < height * width; place++)
        for (let channel = 0; channel < depth; channel++) data[channel * height * width + place] = alpha.data[place * depth + channel]!;
      shape = [depth, height, width];
    }
    return { name: context.add('PRelu', [input.name, context.graph.constant(data, shape, `${call.name}.alpha`)], {}, call.name), shape: input.shape };
  },
};
