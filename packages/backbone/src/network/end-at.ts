import { failure } from '@cultivar/sdk';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { buildModel } from './build-model.js';
import { disposeModel } from './dispose-model.js';
import { between, flatten, imageName } from './layer-graph.js';

/**
 * The part of a network up to a layer. Takes the model over: it is disposed.
 * @throws CultivarError BACKBONE_FORMAT if there is no such layer
 */
export function endAt(model: LayersModel, layer: string, path: string): LayersModel {
  try {
    const graph = flatten(model);
    return buildModel({ name: model.name, nodes: between(graph, imageName, layer), from: imageName, inputShape: graph.inputShape, weights: 'own' }, layer);
  } catch (error) {
    throw failure('BACKBONE_FORMAT', { path, reason: `it cannot be ended at layer ${layer} (${error instanceof Error ? error.message : String(error)})` }, error);
  } finally {
    disposeModel(model);
  }
}
