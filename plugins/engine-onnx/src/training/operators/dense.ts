import { int } from '../../onnx/graph.js';
import type { Recorded, TrainingOperator } from '../operator.js';
import type { Tape } from '../tape.js';
import { channels, isImage, sizes, type Traced } from '../traced.js';
import type { Parameter } from '../operator.js';
import { activateByName } from './activations.js';
import { chain } from './chain.js';
import { convolve, pointwiseShape } from './convolution.js';

/** Rows of a matrix: y = x W + b, dx = dy W', dW = x' dy, db = sum dy. */
function onRows(x: Traced, kernel: Parameter, bias: Parameter | undefined, inputTrains: boolean, tape: Tape): Recorded {
  const [inputs, outputs] = kernel.shape as [number, number];
  const between = sizes(x).slice(0, -1);
  const rows = (name: string, width: number) => (between.length === 0 ? name : tape.reshape(name, [-1, width]));
  const back = (name: string, width: number) => (between.length === 0 ? name : tape.reshape(name, [-1, ...between, width]));
  const output = tape.add('Gemm', [rows(x.name, inputs), kernel.name, ...(bias ? [bias.name] : [])]);
  return {
    output: { name: back(output, outputs), shape: [...x.shape.slice(0, -1), outputs], layout: 'nchw' },
    backward({ name }) {
      const dy = rows(name, outputs);
      kernel.gradient(tape.add('Gemm', [rows(x.name, inputs), dy], { transA: int(1) }));
      bias?.gradient(tape.sum(dy, [0], false));
      return [inputTrains ? { ...x, name: back(tape.add('Gemm', [dy, kernel.name], { transB: int(1) }), inputs) } : undefined];
    },
  };
}

/** dense, over the last axis; on images that is a 1x1 convolution. */
export const dense: TrainingOperator = {
  layers: ['Dense'],
  forward(call, tape) {
    const [x] = call.inputs as [Traced];
    const kernel = call.required('kernel');
    const bias = call.parameter('bias');
    const [inputs, outputs] = kernel.shape as [number, number];
    if (channels(x) !== inputs) throw call.unsupported(`it expects ${inputs} features and gets ${channels(x)}`);
    const activation = call.config.text('activation');
    if (isImage(x)) {
      const window: Parameter = {
        name: tape.reshape(kernel.name, [1, 1, inputs, outputs]), shape: [1, 1, inputs, outputs],
        gradient: (name) => kernel.gradient(tape.reshape(name, [inputs, outputs])),
      };
      return convolve(x, { kernel: window, bias }, pointwiseShape(x, outputs), call.inputTrains, tape, { activation, unsupported: call.unsupported });
    }
    const product = onRows(x, kernel, bias, call.inputTrains, tape);
    return chain(product, activateByName(activation, product.output, tape, call.unsupported));
  },
};
