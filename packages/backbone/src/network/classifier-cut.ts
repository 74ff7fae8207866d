import type { LayerNode } from './layer-graph.js';
import { dominators, isSpatial } from '../stages.js';
import type { LayerGraph } from './layer-graph.js';

const globalPools = new Set(['GlobalAveragePooling2D', 'GlobalMaxPooling2D', 'Flatten']);
const windowPools = new Set(['AveragePooling2D', 'MaxPooling2D']);
const weightless = new Set(['Activation', 'Softmax', 'ReLU', 'Dropout', 'Reshape', 'Flatten']);

/**
 * Name of the tensor that holds the top features: the last one with height and width before the network pools them
 * away. A classifier made of a 1x1 convolution before the pooling (as in SqueezeNet) is dropped as well.
 * @returns undefined if no tensor has height and width
 */
export function topFeatures(graph: LayerGraph): string | undefined {
  const line = dominators(graph);
  const pool = line.findIndex((node, index) => index > 0 && poolsAway(node, line[index - 1]!));
  const spatial = (pool < 0 ? line : line.slice(0, pool)).filter(isSpatial);
  if (pool >= 0 && !line.slice(pool).some((node) => node.layer.weights.length > 0) && line.slice(pool).some(isSoftmax)) {
    return beforeClassifier(spatial)?.name;
  }
  return spatial.at(-1)?.name;
}

function poolsAway(node: LayerNode, before: LayerNode): boolean {
  const kind = node.layer.getClassName();
  if (globalPools.has(kind)) return true;
  if (kind === 'Reshape') return before.shape.length === 3 && (before.shape[0] ?? 0) * (before.shape[1] ?? 0) > 1 && node.shape.length === 1;
  const [height, width] = before.shape;
  return windowPools.has(kind) && before.shape.length === 3 && node.shape[0] === 1 && node.shape[1] === 1 && (height ?? 0) * (width ?? 0) > 1;
}

function isSoftmax(node: LayerNode): boolean {
  return node.layer.getClassName() === 'Softmax' || node.layer.getConfig()['activation'] === 'softmax';
}

/** Walks back over the activations to the classifying convolution, and returns what it reads. */
function beforeClassifier(spatial: LayerNode[]): LayerNode | undefined {
  let index = spatial.length - 1;
  while (index > 0 && weightless.has(spatial[index]!.layer.getClassName())) index -= 1;
  if (spatial[index]?.layer.getClassName() !== 'Conv2D') return spatial.at(-1);
  index -= 1;
  while (index > 0 && spatial[index]!.layer.getClassName() === 'Dropout') index -= 1;
  return spatial[index];
}
