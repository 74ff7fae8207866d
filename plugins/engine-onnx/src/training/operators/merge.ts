import { int } from '../../onnx/graph.js';
import { dataType } from '../../onnx/schema.js';
import { onnxAxis } from '../../lowering/value.js';
import type { Recorded, TrainingCall, TrainingOperator } from '../operator.js';
import type { Tape } from '../tape.js';
import { isImage, type Traced } from '../traced.js';

/** y = f(a, b), and what dy is to each. */
type Pair = (a: string, b: string, tape: Tape) => { y: string; da: (dy: string) => string; db: (dy: string) => string };

const add: Pair = (a, b, tape) => ({ y: tape.add('Add', [a, b]), da: (dy) => dy, db: (dy) => dy });

const multiply: Pair = (a, b, tape) => ({ y: tape.add('Mul', [a, b]), da: (dy) => tape.add('Mul', [dy, b]), db: (dy) => tape.add('Mul', [dy, a]) });

/** The larger, or the smaller: the gradient goes where it came from, to the first of equals. */
const extreme = (operator: 'Max' | 'Min'): Pair => (a, b, tape) => {
  const where = (comparison: string) => tape.add('Cast', [tape.add(comparison, [a, b])], { to: int(dataType.float) });
  const [first, second] = operator === 'Max' ? ['GreaterOrEqual', 'Less'] as const : ['LessOrEqual', 'Greater'] as const;
  return { y: tape.add(operator, [a, b]), da: (dy) => tape.add('Mul', [dy, where(first)]), db: (dy) => tape.add('Mul', [dy, where(second)]) };
};

const pairs: Readonly<Record<string, Pair>> = { Add: add, Average: add, Multiply: multiply, Maximum: extreme('Max'), Minimum: extreme('Min') };

/** Inputs of one rank and layout. tfjs gives those of lower rank axes of length 1 behind the batch. */
function align(call: TrainingCall, tape: Tape): Traced[] {
  const rank = Math.max(...call.inputs.map(({ shape }) => shape.length));
  const same = call.inputs.every((input) => input.shape.join() === call.inputs[0]!.shape.join());
  const layout = same ? call.inputs[0]!.layout : 'nchw';
  return call.inputs.map((input) => {
    const missing = rank - input.shape.length;
    if (missing === 0) return tape.lay(input, layout);
    if (input.shape.length !== 2) throw call.unsupported('its inputs differ in rank');
    const shape = [null, ...Array.from({ length: missing }, () => 1), input.shape[1]!];
    return tape.fromTfjsOrder(tape.reshape(input.name, shape.map((size) => size ?? 0)), shape);
  });
}

/** Back from the shape of the whole to that of one that was repeated along some axes. */
function shrink(gradient: Traced, to: Traced, like: Traced, tape: Tape): Traced {
  const axes = like.shape.flatMap((size, axis) => (to.shape[axis] === 1 && size !== 1 ? [onnxAxis(axis, like.shape.length)] : []));
  return { name: axes.length === 0 ? gradient.name : tape.sum(gradient.name, axes, true), shape: to.shape, layout: to.layout };
}

/** add, multiply, average, maximum, minimum: element by element, axes of length 1 repeated. */
export const merge: TrainingOperator = {
  layers: Object.keys(pairs),
  forward(call, tape): Recorded {
    const inputs = align(call, tape);
    const pair = pairs[call.type]!;
    const steps: { left: Traced; right: Traced; result: Traced; step: ReturnType<Pair> }[] = [];
    let result = inputs[0]!;
    for (const right of inputs.slice(1)) {
      const step = pair(result.name, right.name, tape);
      const shape = result.shape.map((size, axis) => (size === 1 ? right.shape[axis]! : size));
      steps.push({ left: result, right, step, result: { name: step.y, shape, layout: result.layout } });
      result = steps.at(-1)!.result;
    }
    const mean = (name: string) => (call.type === 'Average' ? tape.add('Mul', [name, tape.scalar(1 / inputs.length)]) : name);
    return {
      output: { ...result, name: mean(result.name) },
      backward(gradient) {
        let dy: Traced = { ...result, name: mean(tape.lay(gradient, result.layout).name) };
        const gradients: Traced[] = [];
        for (const { left, right, step, result: whole } of steps.toReversed()) {
          gradients.unshift(shrink({ ...dy, name: step.db(dy.name) }, right, whole, tape));
          dy = shrink({ ...dy, name: step.da(dy.name) }, left, whole, tape);
        }
        return [dy, ...gradients].map((one, index) => restoreRank(one, call.inputs[index]!, tape));
      },
    };
  },
};

function restoreRank(gradient: Traced, input: Traced, tape: Tape): Traced {
  if (gradient.shape.length === input.shape.length) return gradient;
  return { ...input, name: tape.reshape(tape.inTfjsOrder(gradient), [0, input.shape[1]!]) };
}

/** concatenate along an axis; the gradient is cut up again. */
export const concatenate: TrainingOperator = {
  layers: ['Concatenate'],
  forward(call, tape) {
    const tfjsAxis = call.config.number('axis') ?? -1;
    const rank = call.shape.length;
    const axis = onnxAxis(tfjsAxis, rank);
    if (axis === 0) throw call.unsupported('it joins along the batch');
    const flat = axis === 1 && call.inputs.every((input) => isImage(input) && input.layout === 'flat');
    const inputs = flat ? call.inputs : call.inputs.map((input) => tape.plain(input));
    const name = tape.add('Concat', inputs.map((input) => input.name), { axis: int(axis) });
    return {
      output: { name, shape: call.shape, layout: flat ? 'flat' : 'nchw' },
      backward(gradient) {
        const dy = gradient.layout === 'flat' && axis === 1 ? gradient : tape.plain(gradient);
        let end = 0;
        return call.inputs.map((input) => {
          const start = end;
          end += input.shape[(tfjsAxis + rank) % rank]!;
          return { ...dy, name: tape.add('Slice', [dy.name, tape.integers([start]), tape.integers([end]), tape.integers([axis])]), shape: input.shape };
        });
      },
    };
  },
};
