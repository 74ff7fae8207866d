import type { Operator } from './operator.js';

/** rescaling: x * scale + offset; put off, because convolutions take it up. */
export const rescaling: Operator = {
  layers: ['Rescaling'],
  forward(call, context) {
    const [input] = call.inputs;
    return context.uniformAffine(input!, call.config.number('scale') ?? 1, call.config.number('offset') ?? 0);
  },
};
