import type { Stage, StageCut } from '@cultivar/sdk';
import { imageName, type LayerGraph, type LayerNode } from './network/layer-graph.js';

/**
 * Cuts are found from the graph alone, in three steps.
 *
 * 1. Dominators: nodes that every path from the image to the output runs through. Behind such a node everything depends
 *    on its one tensor (in a list where each node follows its inputs: no edge jumps over it).
 * 2. Of these, outputs of blocks: not padding, not the depthwise half of a separable convolution, not the wide inside of an inverted
 *    bottleneck (a narrower tensor follows within two convolutions; sums and concatenations end a block all the same),
 *    not the narrow inside of a block (fewer channels than an earlier output).
 * 3. A stage ends at the last output before the resolution drops, or before the channels grow by 30 % or more.
 */
const growth = 1.3;

/** Names of the dominators, from image to output. */
export function dominators(graph: LayerGraph): LayerNode[] {
  const position = new Map(graph.nodes.map((node, index) => [node.name, index]));
  position.set(imageName, -1);
  // reach[i]: the furthest node that reads something made before node i
  const found: LayerNode[] = [];
  const furthest = new Map<string, number>();
  graph.nodes.forEach((node, index) => {
    for (const input of node.inputs) furthest.set(input, index);
  });
  let reach = furthest.get(imageName) ?? 0;
  graph.nodes.forEach((node, index) => {
    if (reach <= index) found.push(node);
    reach = Math.max(reach, furthest.get(node.name) ?? index);
  });
  return found;
}

const passThrough = new Set(['BatchNormalization', 'Activation', 'ReLU', 'LeakyReLU', 'PReLU', 'ELU', 'Dropout', 'SpatialDropout2D', 'GaussianNoise']);
const convolutions = new Set(['Conv2D', 'DepthwiseConv2D', 'SeparableConv2D', 'Conv2DTranspose', 'Dense']);
const merges = new Set(['Add', 'Concatenate', 'Average', 'Maximum']);

export const isSpatial = (node: LayerNode): boolean => node.shape.length === 3;
const channels = (node: LayerNode): number => node.shape.at(-1) ?? 0;
const sameResolution = (a: LayerNode, b: LayerNode): boolean => a.shape[0] === b.shape[0] && a.shape[1] === b.shape[1];

/** The layer that made this tensor, batch-norm and activation behind it aside. */
function maker(node: LayerNode, byName: Map<string, LayerNode>): LayerNode {
  let current = node;
  while (passThrough.has(current.layer.getClassName())) {
    const before = byName.get(current.inputs[0]!);
    if (!before) break;
    current = before;
  }
  return current;
}

function blockOutputs(graph: LayerGraph): LayerNode[] {
  const byName = new Map(graph.nodes.map((node) => [node.name, node]));
  const candidates = dominators(graph).filter(isSpatial);
  const outputs: LayerNode[] = [];
  candidates.forEach((node, index) => {
    const made = maker(node, byName).layer.getClassName();
    const isTop = index === candidates.length - 1;
    if (!isTop) {
      if (made === 'DepthwiseConv2D' || made === 'ZeroPadding2D' || made === 'Cropping2D') return;
      if (!merges.has(made) && narrowsSoon(candidates, index)) return;
      if (channels(node) < channels(outputs.at(-1) ?? node)) return;
    }
    outputs.push(node);
  });
  return outputs;
}

/** Whether a tensor with fewer channels follows within the next two convolutions. */
function narrowsSoon(candidates: LayerNode[], index: number): boolean {
  const own = channels(candidates[index]!);
  let seen = 0;
  for (const next of candidates.slice(index + 1)) {
    if (convolutions.has(next.layer.getClassName())) seen += 1;
    if (seen > 2) return false;
    if (channels(next) < own) return true;
  }
  return false;
}

/** Cuts of a headless network, from pixels to top. The last is the output itself. */
export function findCuts(graph: LayerGraph): StageCut[] {
  const outputs = blockOutputs(graph);
  const ends: LayerNode[] = [];
  let first = outputs[0];
  outputs.forEach((node, index) => {
    const next = outputs[index + 1];
    if (!next) ends.push(node);
    else if (!sameResolution(node, next) || channels(next) >= growth * channels(first!)) {
      ends.push(node);
      first = next;
    }
  });
  // A stem of its own, at the resolution of what follows, is no stage worth a cut.
  if (ends.length > 1 && sameResolution(ends[0]!, ends[1]!)) ends.shift();
  return withWeights(graph, ends).map((node, index) => ({ name: `stage-${index}`, output: node.name }));
}

/** Drops cuts between which there is nothing to train, such as a pool alone. The top stays. */
function withWeights(graph: LayerGraph, ends: LayerNode[]): LayerNode[] {
  const position = new Map(graph.nodes.map((node, index) => [node.name, index]));
  const kept: LayerNode[] = [];
  let start = 0;
  ends.forEach((end, index) => {
    const stop = position.get(end.name)! + 1;
    const weighty = graph.nodes.slice(start, stop).some((node) => node.layer.weights.length > 0);
    if (!weighty && index < ends.length - 1) return;
    if (!weighty) kept.pop();
    kept.push(end);
    start = stop;
  });
  return kept;
}

/** Fills cuts in: which layers, how many weights, which shape. Every cut must be a dominator, in order, the last the output. */
export function describeStages(graph: LayerGraph, cuts: readonly StageCut[]): Stage[] {
  const order = new Map(graph.nodes.map((node, index) => [node.name, index]));
  const cuttable = new Set(dominators(graph).map((node) => node.name));
  let start = 0;
  return cuts.map((cut, index) => {
    const end = order.get(cut.output);
    if (end === undefined || end < start || !cuttable.has(cut.output)) throw new Error(`layer ${cut.output} is not a cut`);
    const members = graph.nodes.slice(start, end + 1);
    start = end + 1;
    return {
      ...cut,
      index,
      layers: members.map((node) => node.name),
      parameters: members.reduce((sum, node) => sum + node.layer.countParams(), 0),
      outputShape: graph.nodes[end]!.shape.map((size) => size ?? 0),
    };
  });
}
