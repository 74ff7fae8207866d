import { onnxAxis } from '../../lowering/value.js';
import type { TrainingOperator } from '../operator.js';
import { activate, activateByName, elu, hardSwish, leaky, rectify, softmax, thresholded } from './activations.js';

/** activation('relu'), activation('swish'), ... */
export const activation: TrainingOperator = {
  layers: ['Activation'],
  forward: (call, tape) => activateByName(call.config.text('activation'), call.inputs[0]!, tape, call.unsupported),
};

/** reLU with or without a ceiling, leakyReLU, elu with its alpha, thresholdedReLU, softmax over an axis, and hard swish. */
export const rectifier: TrainingOperator = {
  layers: ['ReLU', 'LeakyReLU', 'ELU', 'ThresholdedReLU', 'Softmax', 'HardSwish'],
  forward({ type, config, inputs, unsupported }, tape) {
    const input = inputs[0]!;
    switch (type) {
      case 'ReLU':
        return rectify(input, config.number('maxValue') ?? Number.POSITIVE_INFINITY, tape);
      case 'LeakyReLU':
        return activate(leaky(config.number('alpha') ?? 0.3), input, tape);
      case 'ELU':
        return activate(elu(config.number('alpha') ?? 1), input, tape);
      case 'ThresholdedReLU':
        return activate(thresholded(config.number('theta') ?? 1), input, tape);
      case 'Softmax': {
        const plain = tape.plain(input);
        const rank = plain.shape.length;
        const axis = onnxAxis(config.number('axis') ?? -1, rank);
        if (axis === 0) throw unsupported('it runs along the batch');
        return activate(softmax(false, axis), plain, tape);
      }
      default:
        return activate(hardSwish, input, tape);
    }
  },
};
