import { float } from '../onnx/graph.js';
import { channels, type Value } from '../lowering/value.js';
import type { Operator } from './operator.js';

/**
 * batchNormalization at inference: gamma (x - mean) / sqrt(variance + epsilon) + beta. It joins scaling that was put
 * off before it; a pass over the finished graph folds it into a convolution where there is one.
 */
export const batchNormalization: Operator = {
  layers: ['BatchNormalization'],
  forward(call, context) {
    const [input] = call.inputs as [Value];
    const rank = input.shape.length;
    const axis = call.config.number('axis') ?? -1;
    if (axis !== -1 && axis !== rank - 1) throw call.unsupported(`it normalises axis ${axis}; the last is expected`);
    if (rank !== 2 && rank !== 4) throw call.unsupported(`its input has rank ${rank}; 2 or 4 is expected`);
    const count = channels(input);
    const epsilon = call.config.number('epsilon') ?? 1e-3;
    const gamma = call.weight('gamma')?.data ?? new Float32Array(count).fill(1);
    const beta = call.weight('beta')?.data ?? new Float32Array(count);
    const mean = call.required('moving_mean').data;
    const variance = call.required('moving_variance').data;
    if (input.affine && !input.padding) {
      const scale = Float64Array.from(gamma, (factor, channel) => factor / Math.sqrt(variance[channel]! + epsilon));
      return context.affine(input, { scale, shift: Float64Array.from(beta, (offset, channel) => offset - mean[channel]! * scale[channel]!) });
    }
    const constants = [gamma, beta, mean, variance].map((data, index) => context.graph.constant(data, [count], `${call.name}.${['gamma', 'beta', 'mean', 'variance'][index]}`));
    return { name: context.add('BatchNormalization', [context.plain(input).name, ...constants], { epsilon: float(epsilon) }, call.name), shape: call.shape };
  },
};
