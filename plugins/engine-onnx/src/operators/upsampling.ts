import { text } from '../onnx/graph.js';
import type { Operator } from './operator.js';

/** upSampling2d, nearest neighbour: every pixel repeated. */
export const upsampling: Operator = {
  layers: ['UpSampling2D'],
  forward(call, context) {
    const size = call.config.numbers('size', 2);
    const interpolation = call.config.text('interpolation') ?? 'nearest';
    if (!size || interpolation !== 'nearest' || (call.config.text('dataFormat') ?? 'channelsLast') !== 'channelsLast') throw call.unsupported(`its interpolation is ${interpolation} or its data format not channelsLast`);
    const input = context.plain(call.inputs[0]!);
    const scales = context.graph.constant([1, 1, size[0]!, size[1]!], [4], `${call.name}.scales`);
    const name = context.add('Resize', [input.name, '', scales], { mode: text('nearest'), coordinate_transformation_mode: text('asymmetric'), nearest_mode: text('floor') }, call.name);
    return { name, shape: call.shape };
  },
};
