import type { TrainingOperator } from '../operator.js';

/**
 * Layers that do nothing at inference. Noise inside a pretrained network stays off while it is fine-tuned, as in every
 * engine: it would draw from no seed. The head brings its own.
 */
export const identity: TrainingOperator = {
  layers: ['InputLayer', 'Dropout', 'SpatialDropout1D', 'SpatialDropout2D', 'AlphaDropout', 'GaussianDropout', 'GaussianNoise'],
  forward: (call) => ({ output: call.inputs[0]!, backward: (gradient) => [gradient] }),
};
