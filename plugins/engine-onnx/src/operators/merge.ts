import type { LoweringContext } from '../lowering/context.js';
import { int } from '../onnx/graph.js';
import { onnxAxis, type Value } from '../lowering/value.js';
import type { Operator, OperatorCall } from './operator.js';

const elementwise: Readonly<Record<string, string>> = { Add: 'Add', Multiply: 'Mul', Maximum: 'Max', Minimum: 'Min', Average: 'Add' };

/** Inputs of one rank. tfjs gives those of lower rank axes of length 1 behind the batch. */
function alignRanks(call: OperatorCall, context: LoweringContext): Value[] {
  const rank = Math.max(...call.inputs.map(({ shape }) => shape.length));
  return call.inputs.map((input) => {
    const plain = context.plain(input);
    const missing = rank - plain.shape.length;
    if (missing === 0) return plain;
    const shape = [null, ...Array.from({ length: missing }, () => 1), ...plain.shape.slice(1)];
    if (shape.slice(1).includes(null)) throw call.unsupported('its inputs differ in rank and their sizes are open');
    const target = context.graph.integers([0, ...shape.slice(1).map((size) => size!)], 'shape');
    return context.fromTfjsOrder(context.add('Reshape', [context.inTfjsOrder(plain), target]), shape);
  });
}

/** add, multiply, average, maximum, minimum: element by element, axes of length 1 repeated. */
export const merge: Operator = {
  layers: Object.keys(elementwise),
  forward(call, context) {
    const operator = elementwise[call.type]!;
    const inputs = alignRanks(call, context);
    let name = inputs.slice(1).reduce((sum, { name: next }, index) => context.add(operator, [sum, next], {}, index === inputs.length - 2 ? call.name : `${call.name}.partial`), inputs[0]!.name);
    if (call.type === 'Average') name = context.add('Mul', [name, context.scalar(1 / inputs.length)], {}, `${call.name}.mean`);
    return { name, shape: call.shape };
  },
};

/** concatenate along an axis. */
export const concatenate: Operator = {
  layers: ['Concatenate'],
  forward(call, context) {
    const axis = onnxAxis(call.config.number('axis') ?? -1, call.shape.length);
    if (axis === 0) throw call.unsupported('it joins along the batch');
    return { name: context.add('Concat', call.inputs.map((input) => context.plain(input).name), { axis: int(axis) }, call.name), shape: call.shape };
  },
};
