import { failure } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import { decodeWeights } from '../read/decode-weights.js';
import type { ModelFiles } from '../read/model-files.js';

/** A node of a TensorFlow GraphDef as tfjs writes it to JSON (64-bit numbers as text, strings in base64). */
export interface GraphNode {
  name: string;
  op: string;
  /** Names of the nodes read, in order; output numbers and control inputs are taken off. */
  inputs: string[];
  attributes: Attributes;
}

/** A constant of the graph. */
export interface ConstantData {
  data: Float32Array | Int32Array | Uint8Array;
  shape: number[];
}

export interface GraphDef {
  /** Each node after all that it reads. */
  nodes: GraphNode[];
  constants: Map<string, ConstantData>;
  /** Nodes that the file names as outputs; empty if it names none. */
  outputs: string[];
}

interface RawAttribute {
  s?: string;
  i?: string | number;
  f?: number;
  b?: boolean;
  shape?: { unknownRank?: boolean; dim?: { size?: string | number }[] };
  list?: { i?: (string | number)[]; s?: string[] };
}

/** Typed access to the attributes of a node. */
export class Attributes {
  constructor(private readonly raw: Record<string, RawAttribute>) {}

  text(name: string): string | undefined {
    const value = this.raw[name]?.s;
    return value === undefined ? undefined : decode(value);
  }

  texts(name: string): string[] {
    return (this.raw[name]?.list?.s ?? []).map(decode);
  }

  numbers(name: string): number[] {
    return (this.raw[name]?.list?.i ?? []).map(Number);
  }

  number(name: string): number | undefined {
    const value = this.raw[name]?.f ?? this.raw[name]?.i;
    return value === undefined ? undefined : Number(value);
  }

  flag(name: string): boolean {
    return this.raw[name]?.b ?? false;
  }

  /** null where a side is open; undefined where even the rank is. */
  shape(name: string): (number | null)[] | undefined {
    const shape = this.raw[name]?.shape;
    if (!shape?.dim || shape.unknownRank) return undefined;
    return shape.dim.map(({ size }) => (Number(size ?? -1) < 0 ? null : Number(size)));
  }
}

function decode(base64: string): string {
  return Buffer.from(base64, 'base64').toString('latin1');
}

interface RawNode {
  name: string;
  op: string;
  input?: string[];
  attr?: Record<string, RawAttribute>;
}

function sourceName(input: string): string {
  return input.replace(/:\d+$/, '');
}

/** Reads nodes, in an order in which each follows its inputs, and constants. @throws CultivarError BACKBONE_FORMAT */
export function readGraphDef(files: ModelFiles): GraphDef {
  const raw = files.modelTopology['node'];
  if (!Array.isArray(raw)) throw failure('BACKBONE_FORMAT', { path: files.location, reason: 'its graph has no nodes' });
  const nodes = (raw as RawNode[]).map(({ name, op, input = [], attr = {} }) => ({
    name, op, inputs: input.filter((source) => !source.startsWith('^')).map(sourceName), attributes: new Attributes(attr),
  }));
  return { nodes: inOrder(nodes, files.location), constants: readConstants(files), outputs: files.outputs.map(sourceName) };
}

function inOrder(nodes: GraphNode[], path: string): GraphNode[] {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const state = new Map<string, 'open' | 'done'>();
  const ordered: GraphNode[] = [];
  const visit = (node: GraphNode) => {
    if (state.get(node.name) === 'done') return;
    if (state.get(node.name) === 'open') throw failure('BACKBONE_FORMAT', { path, reason: `its graph runs in a circle at node ${node.name}` });
    state.set(node.name, 'open');
    for (const input of node.inputs) {
      const source = byName.get(input);
      if (!source) throw failure('BACKBONE_FORMAT', { path, reason: `node ${node.name} reads ${input}, which is not there` });
      visit(source);
    }
    state.set(node.name, 'done');
    ordered.push(node);
  };
  nodes.forEach(visit);
  return ordered;
}

function readConstants(files: ModelFiles): Map<string, ConstantData> {
  const tensors = decodeWeights(files);
  try {
    return new Map(Object.entries(tensors).map(([name, tensor]) => [name, {
      data: tensor.dataSync().slice() as ConstantData['data'],
      shape: [...tensor.shape],
    }]));
  } finally {
    tf.dispose(tensors);
  }
}
