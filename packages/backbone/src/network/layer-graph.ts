import type { layers, LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';

/** One application of a layer; nested models are dissolved into their layers. */
export interface LayerNode {
  /** Unique in the graph; the layer's own name where possible. */
  name: string;
  layer: layers.Layer;
  /** Names of the nodes that it reads; the image is {@link imageName}. */
  inputs: string[];
  /** Shape of the output without the batch; null where the network leaves it open. */
  shape: (number | null)[];
  /** Made for this graph: used itself, where others are copied. */
  fresh?: boolean;
}

/** A network as a flat list of layers, in an order in which each comes after all that it reads. */
export interface LayerGraph {
  /** Shape of the image, without the batch. */
  inputShape: (number | null)[];
  nodes: LayerNode[];
  /** Name of the node whose output is the network's. */
  output: string;
}

/** What a node that reads the image itself names as its input. */
export const imageName = 'image';

interface Container extends layers.Layer {
  inputs: SymbolicTensor[];
  outputs: SymbolicTensor[];
  layers: layers.Layer[];
}

function isContainer(layer: layers.Layer): layer is Container {
  return 'layers' in layer && 'inputs' in layer && 'outputs' in layer;
}

function withoutBatch(shape: readonly (number | null)[]): (number | null)[] {
  return shape.slice(1);
}

/**
 * Dissolves a model, with the models nested in it, into one list of layers.
 * @throws Error (in words, without a code) if it has not exactly one input and one output
 */
export function flatten(model: LayersModel): LayerGraph {
  if (model.inputs.length !== 1) throw new Error(`it has ${model.inputs.length} inputs`);
  if (model.outputs.length !== 1) throw new Error(`it has ${model.outputs.length} outputs`);
  const nodes: LayerNode[] = [];
  const used = new Set<string>([imageName]);

  const visit = (tensor: SymbolicTensor, known: Map<number, string>): string => {
    const before = known.get(tensor.id);
    if (before !== undefined) return before;
    const layer = tensor.sourceLayer;
    const inputs = tensor.inputs.map((input) => visit(input, known));
    let name: string;
    if (isContainer(layer)) {
      const inner = new Map<number, string>();
      layer.inputs.forEach((input, index) => inner.set(input.id, inputs[index]!));
      name = visit(layer.outputs[tensor.outputTensorIndex ?? 0]!, inner);
    } else {
      if (inputs.length === 0) throw new Error(`layer ${layer.name} has no input`);
      name = layer.name;
      for (let copy = 1; used.has(name); copy += 1) name = `${layer.name}_${copy}`;
      used.add(name);
      nodes.push({ name, layer, inputs, shape: withoutBatch(tensor.shape) });
    }
    known.set(tensor.id, name);
    return name;
  };

  const input = model.inputs[0]!;
  const output = visit(model.outputs[0]!, new Map([[input.id, imageName]]));
  return { inputShape: withoutBatch(input.shape), nodes, output };
}

/** The part of a graph that `output` needs, read from `from` on: `from` itself is left out and becomes the input. */
export function between(graph: LayerGraph, from: string, output: string): LayerNode[] {
  const byName = new Map(graph.nodes.map((node) => [node.name, node]));
  const needed = new Set<string>();
  const pending = [output];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (name === from || needed.has(name)) continue;
    const node = byName.get(name);
    if (!node) throw new Error(`layer ${name} does not lie between ${from} and ${output}`);
    needed.add(name);
    pending.push(...node.inputs);
  }
  return graph.nodes.filter((node) => needed.has(node.name));
}
