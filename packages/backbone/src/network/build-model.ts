import { type layers, type LayersModel, input as inputTensor, model as makeModel, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { copyLayer, shareWeights } from './copy-layer.js';
import { imageName, type LayerNode } from './layer-graph.js';

export interface BuildRequest {
  name: string;
  nodes: readonly LayerNode[];
  /** What the nodes call the input, and its shape without the batch. */
  from: string;
  inputShape: (number | null)[];
  /** `own`: weights of the same values, independent from then on. `shared`: the same variables. */
  weights: 'own' | 'shared';
}

/** Grows a model from nodes: every layer is a fresh copy with exactly one place in the graph. */
export function growTensors(request: Omit<BuildRequest, 'name'>): Map<string, SymbolicTensor> {
  const tensors = new Map<string, SymbolicTensor>();
  tensors.set(request.from, inputTensor({ shape: request.inputShape, name: imageName }));
  const grown: layers.Layer[] = [];
  try {
    for (const node of request.nodes) {
      const layer = node.fresh ? node.layer : copyLayer(node.layer, node.name);
      if (node.fresh) grown.push(layer);
      else if (request.weights === 'shared') shareWeights(layer, node.layer);
      else grown.push(layer);
      const inputs = node.inputs.map((name) => tensors.get(name)!);
      tensors.set(node.name, layer.apply(inputs.length === 1 ? inputs[0]! : inputs) as SymbolicTensor);
      if (request.weights === 'own' && !node.fresh) copyWeights(layer, node.layer);
    }
  } catch (error) {
    for (const layer of grown) for (const weight of layer.weights) weight.read().dispose();
    throw error;
  }
  return tensors;
}

export function buildModel(request: BuildRequest, output: string): LayersModel {
  const tensors = growTensors(request);
  return makeModel({ inputs: tensors.get(request.from)!, outputs: tensors.get(output)!, name: request.name });
}

function copyWeights(copy: layers.Layer, original: layers.Layer): void {
  if (original.weights.length > 0) copy.setWeights(original.getWeights());
}
