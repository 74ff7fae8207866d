import { failure, type Normalisation } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import { input as inputTensor, layers, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import type { ConstantData, GraphDef, GraphNode } from './graph-def.js';

type Layer = layers.Layer;

/** The image on its way into the network: pixels * scale + offset, by channel. */
export interface ImageValue {
  kind: 'image';
  scale: number[];
  offset: number[];
}

/** A convolution or a matrix product that is not a layer yet: factors and offsets behind it still fold into its weights. */
export interface LinearValue {
  kind: 'linear';
  kernel: ConstantData;
  bias?: Float32Array;
  channels: number;
  /** Makes the layer; kernel and bias are set afterwards. */
  make(useBias: boolean): { layer: Layer; input: SymbolicTensor };
}

export interface ConstantValue extends ConstantData {
  kind: 'constant';
}

/** The output of a layer. */
export interface TensorValue {
  kind: 'tensor';
  tensor: SymbolicTensor;
}

export type Value = ImageValue | LinearValue | ConstantValue | TensorValue;

/** Turns one operator into a value. */
export type Operator = (node: GraphNode, conversion: Conversion) => Value;

/** State of turning one graph into layers. */
export class Conversion {
  private readonly values = new Map<string, Value>();
  private readonly readers = new Map<string, number>();
  private readonly prefix: string;
  private readonly names = new Set<string>();
  private affine: ImageValue | undefined;
  private imageTensor: SymbolicTensor | undefined;
  private imageShape: (number | null)[] = [null, null, 3];
  readonly built: Layer[] = [];

  constructor(readonly graph: GraphDef, private readonly path: string, private readonly size?: number) {
    for (const node of graph.nodes) for (const source of node.inputs) this.readers.set(source, (this.readers.get(source) ?? 0) + 1);
    this.prefix = commonFolder(graph.nodes.filter(({ op }) => op !== 'Const' && op !== 'Placeholder').map(({ name }) => name));
  }

  /** @throws CultivarError GRAPH_UNSUPPORTED naming the node; `detail` says what about it cannot be done */
  unsupported(node: GraphNode, detail?: string): Error {
    return failure('GRAPH_UNSUPPORTED', { path: this.path, op: detail ? `${node.op} (${detail})` : node.op, node: node.name });
  }

  set(name: string, value: Value): void {
    this.values.set(name, value);
  }

  /** The value of the node's input of that number. */
  value(node: GraphNode, index: number): Value {
    const value = this.values.get(node.inputs[index] ?? '');
    if (!value) throw this.unsupported(node, `input ${index} is missing`);
    return value;
  }

  constant(node: GraphNode, index: number): ConstantValue {
    const value = this.value(node, index);
    if (value.kind !== 'constant') throw this.unsupported(node, `input ${index} is not constant`);
    return value;
  }

  tensor(node: GraphNode, index: number): SymbolicTensor {
    return this.asTensor(node, node.inputs[index] ?? '');
  }

  /** Whether this node alone reads the input, so that it may be folded into it. */
  readsAlone(node: GraphNode, index: number): boolean {
    return this.readers.get(node.inputs[index] ?? '') === 1;
  }

  image(shape: (number | null)[] | undefined): ImageValue {
    if (shape && shape.length === 4) this.imageShape = [shape[1] ?? this.size ?? null, shape[2] ?? this.size ?? null, shape[3] ?? 3];
    const channels = this.imageShape[2]!;
    return { kind: 'image', scale: Array.from({ length: channels }, () => 1), offset: Array.from({ length: channels }, () => 0) };
  }

  /** The node's value as the output of a layer; makes the layer if it is not there yet. */
  asTensor(node: GraphNode, name: string): SymbolicTensor {
    const value = this.values.get(name);
    if (value?.kind === 'tensor') return value.tensor;
    let tensor: SymbolicTensor;
    if (value?.kind === 'image') tensor = this.enter(value, node);
    else if (value?.kind === 'linear') tensor = this.grow(value);
    else throw this.unsupported(node, 'a constant stands where the network should be');
    this.values.set(name, { kind: 'tensor', tensor });
    return tensor;
  }

  /** What the network computes of the scaled image starts here; the scaling becomes its normalisation. */
  private enter(image: ImageValue, node: GraphNode): SymbolicTensor {
    if (this.imageTensor) {
      const same = image.scale.every((scale, channel) => scale === this.affine!.scale[channel] && image.offset[channel] === this.affine!.offset[channel]);
      if (!same) throw this.unsupported(node, 'the image enters twice, scaled differently');
      return this.imageTensor;
    }
    this.affine = image;
    this.imageTensor = inputTensor({ shape: this.imageShape, name: 'image' });
    return this.imageTensor;
  }

  get input(): SymbolicTensor | undefined {
    return this.imageTensor;
  }

  /**
   * (pixels - mean) / std, from the scaling in the graph; undefined if there is none. A graph made for 0..255 is seen
   * by its std, larger than any for pixels 0..1.
   */
  get normalisation(): Normalisation | undefined {
    if (!this.affine || this.affine.scale.length !== 3) return undefined;
    const { scale, offset } = this.affine;
    if (scale.every((value) => value === 1) && offset.every((value) => value === 0)) return undefined;
    const range = scale.some((value) => Math.abs(1 / value) > 4) ? 255 : 1;
    const mean = scale.map((value, channel) => -offset[channel]! / value / range) as [number, number, number];
    const std = scale.map((value) => 1 / value / range) as [number, number, number];
    return { mean, std, channels: 'rgb' };
  }

  private grow(linear: LinearValue): SymbolicTensor {
    const { layer, input } = linear.make(linear.bias !== undefined);
    const output = this.applied(layer, input);
    tf.tidy(() => {
      const weights = [tf.tensor(linear.kernel.data, linear.kernel.shape, 'float32')];
      if (linear.bias) weights.push(tf.tensor1d(linear.bias));
      layer.setWeights(weights);
    });
    return output;
  }

  /** Applies a layer and remembers it, so that all are freed if the conversion fails later. */
  applied(layer: Layer, input: SymbolicTensor | SymbolicTensor[]): SymbolicTensor {
    const output = layer.apply(input) as SymbolicTensor;
    this.built.push(layer);
    return output;
  }

  layer(layer: Layer, input: SymbolicTensor | SymbolicTensor[]): TensorValue {
    return { kind: 'tensor', tensor: this.applied(layer, input) };
  }

  /** Name of the layer for a node: the node's, without the folder that all share; unique. */
  name(node: GraphNode, suffix = ''): string {
    const plain = `${node.name.slice(this.prefix.length)}${suffix}`.replace(/[^\w./-]+/g, '_').replace(/^[^A-Za-z0-9]+/, '') || node.op;
    let name = plain;
    for (let copy = 1; this.names.has(name); copy += 1) name = `${plain}_${copy}`;
    this.names.add(name);
    return name;
  }

  /** Frees what was made. */
  dispose(): void {
    for (const layer of this.built) for (const weight of layer.weights) weight.read().dispose();
  }
}

function commonFolder(names: string[]): string {
  let prefix = names[0] ?? '';
  for (const name of names) while (!name.startsWith(prefix)) prefix = prefix.slice(0, -1);
  return prefix.slice(0, prefix.lastIndexOf('/') + 1);
}
