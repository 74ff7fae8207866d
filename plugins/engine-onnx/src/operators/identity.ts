import type { Operator } from './operator.js';

/** Layers that do nothing at inference. */
export const identity: Operator = {
  layers: ['InputLayer', 'Dropout', 'SpatialDropout1D', 'SpatialDropout2D', 'AlphaDropout', 'GaussianDropout', 'GaussianNoise'],
  forward: (call) => call.inputs[0]!,
};
