import { attributeType, type DataTypeName } from './schema.js';

/** An attribute as AttributeProto has it: its type and the field of that type. */
export interface Attribute {
  type: number;
  i?: number;
  f?: number;
  s?: Uint8Array;
  ints?: number[];
  floats?: number[];
}
export const int = (i: number): Attribute => ({ type: attributeType.int, i });
export const float = (f: number): Attribute => ({ type: attributeType.float, f });
export const floats = (values: readonly number[]): Attribute => ({ type: attributeType.floats, floats: [...values] });
export const ints = (values: readonly number[]): Attribute => ({ type: attributeType.ints, ints: [...values] });
export const text = (value: string): Attribute => ({ type: attributeType.string, s: new TextEncoder().encode(value) });

export interface GraphNode {
  /** Its name in the standard set, or <domain>.<name>: `com.microsoft.FusedMatMul`. */
  operator: string;
  inputs: string[];
  output: string;
  /** Outputs behind the first. */
  further?: string[];
  attributes: Record<string, Attribute>;
}

export interface GraphConstant {
  data: Float32Array | BigInt64Array;
  dimensions: number[];
}

/** A null dimension is free; without a shape all are, and how many there are too. */
export interface GraphPort {
  name: string;
  /** `list`: of tensors of floats. */
  type: DataTypeName | 'list';
  shape?: (number | null)[];
}

/** An ONNX graph being written. Nodes stand in the order of writing: the runtime finds one to run them in. */
export class OnnxGraph {
  readonly nodes: GraphNode[] = [];
  readonly constants = new Map<string, GraphConstant>();
  readonly inputs: GraphPort[] = [];
  readonly outputs: GraphPort[] = [];
  private readonly taken = new Map<string, number>();

  /** A name that is still free; `wanted` itself where possible. */
  name(wanted: string): string {
    const times = this.taken.get(wanted) ?? 0;
    this.taken.set(wanted, times + 1);
    return times === 0 ? wanted : this.name(`${wanted}.${times}`);
  }

  /** Adds a node. @returns the name of its output */
  add(operator: string, inputs: readonly string[], attributes: Record<string, Attribute> = {}, wanted = operator.toLowerCase()): string {
    const output = this.name(wanted);
    this.nodes.push({ operator, inputs: [...inputs], output, attributes });
    return output;
  }

  /** Adds a float constant, row-major. @returns its name */
  constant(data: Float32Array | readonly number[], dimensions: readonly number[], wanted = 'constant'): string {
    const name = this.name(wanted);
    this.constants.set(name, { data: data instanceof Float32Array ? data : Float32Array.from(data), dimensions: [...dimensions] });
    return name;
  }

  /** Adds a list of whole numbers (a shape, axes). @returns its name */
  integers(values: readonly number[], wanted = 'integers'): string {
    const name = this.name(wanted);
    this.constants.set(name, { data: BigInt64Array.from(values, BigInt), dimensions: [values.length] });
    return name;
  }

  /** How often a value is read, the outputs of the graph included. */
  uses(): Map<string, number> {
    const uses = new Map<string, number>();
    const read = (name: string) => uses.set(name, (uses.get(name) ?? 0) + 1);
    for (const node of this.nodes) node.inputs.forEach(read);
    for (const output of this.outputs) read(output.name);
    return uses;
  }
}
