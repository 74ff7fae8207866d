import { failure, isCultivarError, type Normalisation } from '@cultivar/sdk';
import { type LayersModel, model as makeModel } from '@tensorflow/tfjs-layers';
import { checkNetwork } from '../read/check-network.js';
import type { ModelFiles } from '../read/model-files.js';
import { Conversion } from './conversion.js';
import { type GraphDef, type GraphNode, readGraphDef } from './graph-def.js';
import { operators } from './operators/index.js';

export interface ConvertedGraph {
  /** From the image, already scaled, to the output node. */
  model: LayersModel;
  /** The scaling that stood at the start of the graph; undefined if there was none. */
  normalisation?: Normalisation;
}

export interface ConversionOptions {
  /** Node to end at; the graph's own output when absent. */
  output?: string;
  /** Height and width in pixels where the graph leaves them open. */
  size?: number;
}

/**
 * Turns a frozen inference graph into layers that train, weights included: factors and offsets behind a convolution fold
 * into it, an affine scaling of the image at the start becomes the reported normalisation.
 * @throws CultivarError GRAPH_UNSUPPORTED naming operator and node, BACKBONE_FORMAT
 */
export function convertGraph(files: ModelFiles, options: ConversionOptions = {}): ConvertedGraph {
  const path = files.location;
  let conversion: Conversion | undefined;
  try {
    const graph = readGraphDef(files);
    const output = outputNode(graph, path, options.output);
    const needed = ancestors(graph, output);
    conversion = new Conversion({ ...graph, nodes: graph.nodes.filter(({ name }) => needed.has(name)) }, path, options.size);
    return converted(conversion, output, path);
  } catch (error) {
    conversion?.dispose();
    if (isCultivarError(error)) throw error;
    throw failure('BACKBONE_FORMAT', { path, reason: error instanceof Error ? error.message : String(error) }, error);
  }
}

function converted(conversion: Conversion, output: GraphNode, path: string): ConvertedGraph {
  for (const node of conversion.graph.nodes) {
    const operator = Object.hasOwn(operators, node.op) ? operators[node.op] : undefined;
    if (!operator) throw conversion.unsupported(node);
    conversion.set(node.name, operator(node, conversion));
  }
  const top = conversion.asTensor(output, output.name);
  if (!conversion.input) throw failure('BACKBONE_FORMAT', { path, reason: `node ${output.name} does not depend on an image` });
  const model = makeModel({ inputs: conversion.input, outputs: top, name: 'graph' });
  checkNetwork(model);
  return { model, normalisation: conversion.normalisation };
}

/** The node asked for; else the output that the file names; else the end that most of the graph leads to. */
function outputNode(graph: GraphDef, path: string, asked?: string): GraphNode {
  const byName = new Map(graph.nodes.map((node) => [node.name, node]));
  if (asked !== undefined) {
    const node = byName.get(asked) ?? graph.nodes.find(({ name }) => name.endsWith(`/${asked}`));
    if (!node) throw failure('BACKBONE_FORMAT', { path, reason: `there is no node ${asked}` });
    return node;
  }
  const read = new Set(graph.nodes.flatMap((node) => node.inputs));
  const named = graph.outputs.flatMap((name) => byName.get(name) ?? []);
  const ends = named.length > 0 ? named : graph.nodes.filter(({ name, op }) => !read.has(name) && op !== 'Const' && op !== 'NoOp');
  const sized = ends.map((node) => ({ node, size: ancestors(graph, node).size })).sort((a, b) => b.size - a.size);
  if (!sized[0]) throw failure('BACKBONE_FORMAT', { path, reason: 'its graph has no output' });
  return sized[0].node;
}

/** Names of all nodes that one depends on, itself included. */
function ancestors(graph: GraphDef, node: GraphNode): Set<string> {
  const byName = new Map(graph.nodes.map((each) => [each.name, each]));
  const found = new Set<string>();
  const pending = [node.name];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    pending.push(...(byName.get(name)?.inputs ?? []));
  }
  return found;
}
