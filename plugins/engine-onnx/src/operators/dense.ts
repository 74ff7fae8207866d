import { int } from '../onnx/graph.js';
import { isImage } from '../lowering/value.js';
import { applyActivation } from './activation.js';
import { denseFilter } from './convolution.js';
import type { Operator } from './operator.js';

/** dense: y = x W + b over the last axis; on images that is a 1x1 convolution. */
export const dense: Operator = {
  layers: ['Dense'],
  forward(call, context) {
    const input = context.plain(call.inputs[0]!);
    const kernel = call.required('kernel');
    const bias = call.weight('bias');
    const [inputs, outputs] = kernel.shape as [number, number];
    const biasName = bias && context.graph.constant(bias.data, [outputs], `${call.name}.bias`);
    let name: string;
    if (isImage(input)) {
      const filter = denseFilter({ data: kernel.data, shape: [1, 1, inputs, outputs] });
      const weight = context.graph.constant(filter.data, [outputs, inputs, 1, 1], `${call.name}.kernel`);
      name = context.add('Conv', [input.name, weight, ...(biasName ? [biasName] : [])], { group: int(1) }, call.name);
    } else {
      const weight = context.graph.constant(kernel.data.slice(), [inputs, outputs], `${call.name}.kernel`);
      if (input.shape.length === 2) name = context.add('Gemm', [input.name, weight, ...(biasName ? [biasName] : [])], {}, call.name);
      else {
        name = context.add('MatMul', [input.name, weight], {}, call.name);
        if (biasName) name = context.add('Add', [name, biasName], {}, `${call.name}.biased`);
      }
    }
    return applyActivation(call, context, { name, shape: call.shape }, call.config.text('activation'));
  },
};
