import type { TrainingOperator } from '../operator.js';

/** rescaling: y = x scale + offset, dx = dy scale. */
export const rescaling: TrainingOperator = {
  layers: ['Rescaling'],
  forward({ inputs, config }, tape) {
    const input = inputs[0]!;
    const scale = tape.scalar(config.number('scale') ?? 1);
    const offset = tape.scalar(config.number('offset') ?? 0);
    return {
      output: { ...input, name: tape.add('Add', [tape.add('Mul', [input.name, scale]), offset]) },
      backward: (gradient) => [{ ...gradient, name: tape.add('Mul', [gradient.name, scale]) }],
    };
  },
};
