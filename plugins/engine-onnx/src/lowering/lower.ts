import { flatten, type FlatNetwork } from '@cultivar/engine';
import { failure, type InferenceOptions, type Normalisation } from '@cultivar/sdk';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { foldBatchNormalization } from '../onnx/fold-batch-normalization.js';
import { int, ints, OnnxGraph } from '../onnx/graph.js';
import { dataType } from '../onnx/schema.js';
import { operatorFor } from '../operators/registry.js';
import { captureWeights, describeCall, type CapturedWeights } from './call.js';
import { LoweringContext } from './context.js';
import { isImage, type Value } from './value.js';

export interface LoweringOptions extends InferenceOptions {
  /**
   * Element type of the graph's input. With `normalisation`: uint8 pixels 0..255, or float ones 0..1; without it the
   * numbers are taken as they are. Default: uint8 with normalisation, float without.
   */
  input?: 'uint8' | 'float';
}

/** The names of the input and of the outputs, in the order asked for. */
export const inputName = 'input';
export const outputName = (index: number): string => `output_${index}`;

/**
 * Writes a network as an ONNX graph: the weights are constants, batch-norm is folded into the convolution before it,
 * normalisation into the one that reads the pixels. Input [B, H, W, C] and outputs are in tfjs's order, the batch is free.
 * @throws CultivarError ENGINE_UNSUPPORTED naming the layer that cannot be expressed
 */
export function lower(model: LayersModel, options: LoweringOptions = {}): OnnxGraph {
  return lowerNetwork(readNetwork(model, options), options);
}

/** Calls and weights of a network as they are now; later changes of the model do not reach it. */
export interface CapturedNetwork extends FlatNetwork {
  name: string;
  weights: CapturedWeights;
}

/** @throws CultivarError ENGINE_UNSUPPORTED when an output that is asked for is not there */
export function readNetwork(model: LayersModel, options: LoweringOptions): CapturedNetwork {
  const network = flatten(model, 'onnx', options.outputs?.map(({ layer }) => layer));
  return { ...network, name: model.name, weights: captureWeights(network.calls.map(({ layer }) => layer)) };
}

/** The second half of {@link lower}. */
export function lowerNetwork(network: CapturedNetwork, options: LoweringOptions): OnnxGraph {
  const graph = new OnnxGraph();
  const context = new LoweringContext(graph);
  const type = options.input ?? (options.normalisation ? 'uint8' : 'float');
  graph.inputs.push({ name: graph.name(inputName), type, shape: [null, ...network.inputShape.slice(1)] });
  for (const index of network.outputs.keys()) graph.name(outputName(index));

  const values = new Map<number, Value>([[network.input, readInput(context, network.inputShape, type, network.name, options.normalisation)]]);
  for (const { layer, inputs, outputs } of network.calls) {
    const call = describeCall(layer, inputs.map((input) => values.get(input)!), network.weights);
    const operator = operatorFor(call.type);
    if (!operator) throw call.unsupported('there is no ONNX lowering for this layer');
    if (outputs.length !== 1) throw call.unsupported('it has several outputs');
    values.set(outputs[0]!, operator.forward(call, context));
  }
  network.outputs.forEach((output, index) => writeOutput(context, values.get(output)!, index, options.outputs?.[index]?.pool));
  foldBatchNormalization(graph);
  return graph;
}

function readInput(context: LoweringContext, shape: (number | null)[], type: 'uint8' | 'float', model: string, normalisation?: Normalisation): Value {
  let name = inputName;
  const image = shape.length === 4;
  if (normalisation && (!image || shape[3] !== 3)) {
    throw failure('ENGINE_UNSUPPORTED', { engine: 'onnx', layer: model, type: 'input', reason: `images [B, H, W, 3] cannot be fed to an input of shape [${shape.join(', ')}]` });
  }
  // Moved as bytes where they are bytes: a quarter of the memory traffic.
  if (image) name = context.add('Transpose', [name], { perm: ints([0, 3, 1, 2]) }, 'input.nchw');
  if (normalisation?.channels === 'bgr') name = context.add('Gather', [name, context.graph.integers([2, 1, 0], 'bgr')], { axis: int(1) }, 'input.bgr');
  if (type === 'uint8') name = context.add('Cast', [name], { to: int(dataType.float) }, 'input.float');
  const value: Value = { name, shape: [null, ...shape.slice(1)] };
  if (!normalisation) return value;
  const range = type === 'uint8' ? 255 : 1;
  const scale = Float64Array.from(normalisation.std, (std) => 1 / (range * std));
  const shift = Float64Array.from(normalisation.mean, (mean, channel) => -mean / normalisation.std[channel]!);
  return context.affine(value, { scale, shift });
}

function writeOutput(context: LoweringContext, value: Value, index: number, pool?: 'average'): void {
  const { graph } = context;
  let { name } = context.plain(value);
  let shape = value.shape;
  if (pool === 'average' && isImage(value)) {
    name = context.once(`pooled ${name}`, () => context.add('Flatten', [context.add('GlobalAveragePool', [name], {}, `${name}.average`)], { axis: int(1) }, `${name}.pooled`));
    shape = [null, shape[3]!];
  } else {
    name = context.inTfjsOrder(value);
  }
  graph.nodes.push({ operator: 'Identity', inputs: [name], output: outputName(index), attributes: {} });
  graph.outputs.push({ name: outputName(index), type: 'float', shape: [null, ...shape.slice(1)] });
}
