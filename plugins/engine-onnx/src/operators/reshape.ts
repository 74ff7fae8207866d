import { ints } from '../onnx/graph.js';
import type { LoweringContext } from '../lowering/context.js';
import { type Value } from '../lowering/value.js';
import type { Operator, OperatorCall } from './operator.js';

/** True where [B, H, W, C] and [B, C, H, W] are the same row of numbers. */
const sameInBothOrders = (shape: (number | null)[]): boolean => shape.length !== 4 || shape[3] === 1 || (shape[1] === 1 && shape[2] === 1);

function reshapeTo(call: OperatorCall, context: LoweringContext, input: Value): Value {
  const open = call.shape.slice(1).filter((size) => size === null).length;
  if (open > 1) throw call.unsupported('more than one size of its output is open');
  const direct = sameInBothOrders(input.shape) && sameInBothOrders(call.shape);
  const order = direct && call.shape.length === 4 ? [call.shape[3]!, call.shape[1]!, call.shape[2]!] : call.shape.slice(1);
  const target = context.graph.integers([0, ...order.map((size) => size ?? -1)], `${call.name}.shape`);
  const name = context.add('Reshape', [direct ? context.plain(input).name : context.inTfjsOrder(input), target], {}, call.name);
  return direct ? { name, shape: call.shape } : context.fromTfjsOrder(name, call.shape);
}

/** flatten, reshape: numbers keep tfjs's order, so an image is turned back to it first where that matters. */
export const reshape: Operator = {
  layers: ['Flatten', 'Reshape'],
  forward: (call, context) => reshapeTo(call, context, call.inputs[0]!),
};

/** permute: reorders the axes behind the batch; dims count from 1. */
export const permute: Operator = {
  layers: ['Permute'],
  forward(call, context) {
    const dims = call.config.raw['dims'];
    if (!Array.isArray(dims)) throw call.unsupported('its dims are not a list');
    const name = context.add('Transpose', [context.inTfjsOrder(call.inputs[0]!)], { perm: ints([0, ...(dims as number[])]) }, call.name);
    return context.fromTfjsOrder(name, call.shape);
  },
};
