import type { GraphNode, OnnxGraph } from './graph.js';

/**
 * Folds batch normalisation into the convolution or matrix product before it, where nothing else reads that:
 * W' = W * gamma / sqrt(variance + epsilon), b' = beta + (b - mean) * gamma / sqrt(variance + epsilon), in double precision.
 */
export function foldBatchNormalization(graph: OnnxGraph): void {
  const uses = graph.uses();
  const producers = new Map(graph.nodes.map((node) => [node.output, node]));
  const renamed = new Map<string, string>();
  const folded = new Set<GraphNode>();
  for (const node of graph.nodes) {
    node.inputs = node.inputs.map((name) => renamed.get(name) ?? name);
    if (node.operator !== 'BatchNormalization') continue;
    const before = producers.get(node.inputs[0]!);
    if (!before || !['Conv', 'Gemm'].includes(before.operator) || uses.get(node.inputs[0]!) !== 1) continue;
    scaleOutputs(graph, before, ...perChannel(graph, node));
    // Under the batch-norm's name, so that whoever reads it finds it; a name that was read once has no other reader.
    renamed.set(node.output, before.output);
    uses.set(before.output, uses.get(node.output) ?? 0);
    folded.add(node);
  }
  const kept = graph.nodes.filter((node) => !folded.has(node));
  graph.nodes.splice(0, graph.nodes.length, ...kept);
}

function floats(graph: OnnxGraph, name: string): Float32Array {
  const data = graph.constants.get(name)?.data;
  if (!(data instanceof Float32Array)) throw new Error(`${name} is no float constant`);
  return data;
}

function perChannel(graph: OnnxGraph, node: GraphNode): [scale: Float64Array, shift: Float64Array] {
  const [gamma, beta, mean, variance] = node.inputs.slice(1).map((name) => floats(graph, name));
  const epsilon = node.attributes['epsilon']!.f!;
  const scale = Float64Array.from(gamma!, (factor, channel) => factor / Math.sqrt(variance![channel]! + epsilon));
  const shift = Float64Array.from(beta!, (offset, channel) => offset - mean![channel]! * scale[channel]!);
  return [scale, shift];
}

/** Conv weights are [out, in, h, w]; those of Gemm, as written here, [in, out]. */
function scaleOutputs(graph: OnnxGraph, node: GraphNode, scale: Float64Array, shift: Float64Array): void {
  const [input, weightName, biasName] = node.inputs as [string, string, string?];
  const { dimensions } = graph.constants.get(weightName)!;
  const weight = floats(graph, weightName);
  const count = scale.length;
  const channelOf = node.operator === 'Conv'
    ? (index: number) => Math.floor(index / (weight.length / count))
    : (index: number) => index % count;
  const bias = biasName === undefined ? new Float32Array(count) : floats(graph, biasName);
  node.inputs = [
    input,
    graph.constant(weight.map((value, index) => value * scale[channelOf(index)]!), dimensions, `${weightName}.folded`),
    graph.constant(bias.map((value, channel) => value * scale[channel]! + shift[channel]!), [count], `${node.output}.bias.folded`),
  ];
}
