import { onnxAxis } from '../../lowering/value.js';
import type { TrainingOperator } from '../operator.js';
import { isImage } from '../traced.js';
import { between } from './activations.js';

/** prelu: x where x > 0, else a x, with learned a of the input's shape, shared along some axes. dx = dy (or a dy), da = dy min(x, 0). (He et al. 2015) */
export const prelu: TrainingOperator = {
  layers: ['PReLU'],
  forward(call, tape) {
    const input = tape.plain(call.inputs[0]!);
    const alpha = call.required('alpha');
    const rank = input.shape.length;
    const image = isImage(input);
    const slopes = image ? tape.transpose(alpha.name, [2, 0, 1]) : alpha.name;
    return {
      output: { ...input, name: tape.add('PRelu', [input.name, slopes]) },
      backward(gradient) {
        const dy = tape.plain(gradient).name;
        const shared = [0, ...alpha.shape.flatMap((size, axis) => (size === 1 ? [onnxAxis(axis + 1, rank)] : []))];
        const below = tape.add('Min', [input.name, tape.scalar(0)]);
        const sums = tape.sum(tape.add('Mul', [dy, below]), shared, true);
        const dims = alpha.shape;
        alpha.gradient(image ? tape.transpose(tape.reshape(sums, [dims[2]!, dims[0]!, dims[1]!]), [1, 2, 0]) : tape.reshape(sums, dims));
        const above = between(tape, input.name, 0);
        const slope = tape.add('Add', [above, tape.add('Mul', [tape.add('Sub', [tape.scalar(1), above]), slopes])]);
        return [{ ...input, name: tape.add('Mul', [dy, slope]) }];
      },
    };
  },
};
