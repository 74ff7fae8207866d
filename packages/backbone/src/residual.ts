import type { layers, LayersModel } from '@tensorflow/tfjs-layers';
import { buildModel } from './network/build-model.js';
import { flatten, imageName, type LayerGraph, type LayerNode } from './network/layer-graph.js';

/** A residual block: `add` sums a shortcut and a branch. Names of nodes. */
export interface ResidualBlock {
  add: string;
  branch: string;
}

/** Residual blocks from the input on: additions of two, of which the branch has more layers of its own than the shortcut. */
export function residualBlocks(graph: LayerGraph): ResidualBlock[] {
  const before = new Map<string, Set<string>>([[imageName, new Set()]]);
  for (const { name, inputs } of graph.nodes) {
    before.set(name, new Set([name, ...inputs.flatMap((input) => [...before.get(input) ?? []])]));
  }
  return graph.nodes.flatMap(({ name, layer, inputs: [one, other, ...more] }) => {
    if (layer.getClassName() !== 'Add' || one === undefined || other === undefined || more.length > 0) return [];
    const own = (input: string, rest: string) => [...before.get(input) ?? []].filter((node) => !before.get(rest)?.has(node)).length;
    const [first, second] = [own(one, other), own(other, one)];
    return first === second ? [] : [{ add: name, branch: first > second ? one : other }];
  });
}

/**
 * The same network with a layer behind the branch of each residual block. Its layers hold the very variables of `model`; it owns
 * nothing, and its `dispose` does nothing.
 * @param make the layer for a block, counted from 0 at the input; undefined: none
 * @returns `model` itself where nothing is put in
 */
export function withBranchLayers(model: LayersModel, make: (block: number, blocks: number) => layers.Layer | undefined): LayersModel {
  const graph = flatten(model);
  const blocks = residualBlocks(graph);
  const inserted = new Map<string, LayerNode>();
  blocks.forEach(({ add, branch }, index) => {
    const layer = make(index, blocks.length);
    if (!layer) return;
    const { shape } = graph.nodes.find(({ name }) => name === branch)!;
    inserted.set(add, { name: `${add}-branch`, layer, inputs: [branch], shape, fresh: true });
  });
  if (inserted.size === 0) return model;
  const nodes = graph.nodes.flatMap((node) => {
    const before = inserted.get(node.name);
    return before ? [before, { ...node, inputs: node.inputs.map((input) => (input === before.inputs[0] ? before.name : input)) }] : [node];
  });
  const changed = buildModel({ name: model.name, nodes, from: imageName, inputShape: graph.inputShape, weights: 'shared' }, graph.output);
  changed.dispose = () => ({ refCountAfterDispose: 1, numDisposedVariables: 0 });
  return changed;
}
