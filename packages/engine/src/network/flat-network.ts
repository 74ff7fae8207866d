import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { failure } from '@cultivar/sdk';

export type Layer = SymbolicTensor['sourceLayer'];

/** One use of a layer. Tensors are numbered; a layer that is shared stands in several calls. */
export interface LayerCall {
  layer: Layer;
  inputs: number[];
  outputs: number[];
}

/** A model with its nested models dissolved: calls in the order they run. */
export interface FlatNetwork {
  input: number;
  inputShape: (number | null)[];
  calls: LayerCall[];
  outputs: number[];
}

type Container = Layer & Pick<LayersModel, 'layers' | 'inputs' | 'outputs'>;

const isContainer = (layer: Layer): layer is Container => 'layers' in layer && 'inputs' in layer && 'outputs' in layer;

/**
 * Walks a LayersModel from its outputs back to its input.
 * @param engine that asks, for its error
 * @param names layers whose outputs are asked for, those of nested models included; absent: the model's own outputs
 * @returns only the calls that the outputs depend on
 * @throws CultivarError ENGINE_UNSUPPORTED when the model has several inputs, or has no such layer
 */
export function flatten(model: LayersModel, engine: string, names?: readonly string[]): FlatNetwork {
  if (model.inputs.length !== 1) throw failure('ENGINE_UNSUPPORTED', { engine, layer: model.name, type: model.getClassName(), reason: `it has ${model.inputs.length} inputs; one is expected` });
  const calls: LayerCall[] = [];
  const named = new Map<string, number>();
  let tensors = 0;

  const walk = (container: Container, inputs: readonly number[]): number[] => {
    const known = new Map<number, number>();
    const results = new Map<string, number[]>();
    container.inputs.forEach((symbol, index) => known.set(symbol.id, inputs[index]!));
    const visit = (symbol: SymbolicTensor): number => {
      const seen = known.get(symbol.id);
      if (seen !== undefined) return seen;
      const layer = symbol.sourceLayer;
      const node = layer.inboundNodes[symbol.nodeIndex]!;
      const key = `${layer.id}/${symbol.nodeIndex}`;
      let outputs = results.get(key);
      if (!outputs) {
        const read = node.inputTensors.map(visit);
        if (isContainer(layer)) outputs = walk(layer, read);
        else {
          outputs = node.outputTensors.map(() => tensors++);
          calls.push({ layer, inputs: read, outputs });
        }
        results.set(key, outputs);
        named.set(layer.name, outputs[0]!);
      }
      const output = outputs[symbol.tensorIndex]!;
      known.set(symbol.id, output);
      return output;
    };
    const outputs = container.outputs.map(visit);
    // An input layer, and a nested model that a Sequential begins with, are no calls of their own; they have names all the same.
    for (const layer of container.layers) {
      const symbol = isContainer(layer) ? layer.outputs[0] : layer.inboundNodes[0]?.outputTensors[0];
      const tensor = symbol && known.get(symbol.id);
      if (tensor !== undefined && (isContainer(layer) || layer.getClassName() === 'InputLayer') && !named.has(layer.name)) named.set(layer.name, tensor);
    }
    return outputs;
  };

  const input = tensors++;
  const own = walk(model as Container, [input]);
  const outputs = names?.map((name) => {
    const tensor = named.get(name);
    if (tensor === undefined) throw failure('ENGINE_UNSUPPORTED', { engine, layer: name, type: 'output', reason: `model ${model.name} has no layer of that name` });
    return tensor;
  }) ?? own;
  return { input, inputShape: model.inputs[0]!.shape, calls: needed(calls, outputs), outputs };
}

/** The calls that lead to the outputs. */
function needed(calls: readonly LayerCall[], outputs: readonly number[]): LayerCall[] {
  const wanted = new Set(outputs);
  const kept: LayerCall[] = [];
  for (const call of calls.toReversed()) {
    if (!call.outputs.some((output) => wanted.has(output))) continue;
    for (const input of call.inputs) wanted.add(input);
    kept.push(call);
  }
  return kept.toReversed();
}
