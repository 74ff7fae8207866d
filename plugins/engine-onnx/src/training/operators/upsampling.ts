import { ints, text } from '../../onnx/graph.js';
import type { TrainingOperator } from '../operator.js';

/** upSampling2d, nearest neighbour: every pixel repeated; its gradient is the sum over the repeats, their mean times their number. */
export const upsampling: TrainingOperator = {
  layers: ['UpSampling2D'],
  forward(call, tape) {
    const size = call.config.numbers('size', 2);
    const interpolation = call.config.text('interpolation') ?? 'nearest';
    if (!size || interpolation !== 'nearest' || (call.config.text('dataFormat') ?? 'channelsLast') !== 'channelsLast') throw call.unsupported(`its interpolation is ${interpolation} or its data format not channelsLast`);
    const input = tape.plain(call.inputs[0]!);
    const scales = tape.constant([1, 1, ...size], [4], 'scales');
    const name = tape.add('Resize', [input.name, '', scales], { mode: text('nearest'), coordinate_transformation_mode: text('asymmetric'), nearest_mode: text('floor') });
    return {
      output: { name, shape: call.shape, layout: 'nchw' },
      backward(gradient) {
        const means = tape.add('AveragePool', [tape.plain(gradient).name], { kernel_shape: ints(size), strides: ints(size) });
        return [{ ...input, name: tape.add('Mul', [means, tape.scalar(size[0]! * size[1]!)]) }];
      },
    };
  },
};
