import type { TrainingOperator } from '../operator.js';
import { sizes } from '../traced.js';

/** flatten, reshape: numbers keep tfjs's order, there and back. */
export const reshape: TrainingOperator = {
  layers: ['Flatten', 'Reshape'],
  forward(call, tape) {
    const input = call.inputs[0]!;
    const there = tape.reshape(tape.inTfjsOrder(input), [-1, ...sizes(call)]);
    return {
      output: tape.fromTfjsOrder(there, call.shape),
      backward: (gradient) => [tape.fromTfjsOrder(tape.reshape(tape.inTfjsOrder(gradient), [-1, ...sizes(input)]), input.shape)],
    };
  },
};

/** permute: reorders the axes behind the batch; dims count from 1. */
export const permute: TrainingOperator = {
  layers: ['Permute'],
  forward(call, tape) {
    const dims = call.config.raw['dims'];
    if (!Array.isArray(dims)) throw call.unsupported('its dims are not a list');
    const order = [0, ...(dims as number[])];
    const back = order.map((_, axis) => order.indexOf(axis));
    const input = call.inputs[0]!;
    return {
      output: tape.fromTfjsOrder(tape.transpose(tape.inTfjsOrder(input), order), call.shape),
      backward: (gradient) => [tape.fromTfjsOrder(tape.transpose(tape.inTfjsOrder(gradient), back), input.shape)],
    };
  },
};
