import type { io } from '@tensorflow/tfjs-core';
import type { ModelFiles } from '../read/model-files.js';

type Attribute = Record<string, unknown>;

const base64 = (text: string) => Buffer.from(text).toString('base64');

/** Attributes as the converter writes them. */
export const text = (value: string): Attribute => ({ s: base64(value) });
export const texts = (...values: string[]): Attribute => ({ list: { s: values.map(base64) } });
export const numbers = (...values: number[]): Attribute => ({ list: { i: values.map(String) } });
export const window = (stride: number, padding: string, more: Record<string, Attribute> = {}): Record<string, Attribute> => ({
  strides: numbers(1, stride, stride, 1), padding: text(padding), data_format: text('NHWC'), dilations: numbers(1, 1, 1, 1), ...more,
});

/** Draws graphs for tests: nodes by hand, weights that look random and are always the same. */
export class GraphDrawing {
  private readonly nodes: object[] = [];
  private readonly specs: io.WeightsManifestEntry[] = [];
  private readonly data: (Float32Array | Int32Array)[] = [];

  constructor(shape: number[]) {
    this.node('Placeholder', 'image', [], { dtype: { type: 'DT_FLOAT' }, shape: { shape: { dim: shape.map((size) => ({ size: String(size) })) } } });
  }

  node(op: string, name: string, input: string[], attr: Record<string, Attribute> = {}): string {
    this.nodes.push({ op, name, input, attr: { T: { type: 'DT_FLOAT' }, ...attr } });
    return name;
  }

  weight(name: string, shape: number[], value: (index: number) => number = (index) => Math.sin(index * 12.9898 + this.data.length) * 0.5): string {
    return this.constant(name, shape, Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, index) => value(index)), 'float32');
  }

  integers(name: string, ...values: number[]): string {
    return this.constant(name, [values.length], Int32Array.from(values), 'int32');
  }

  /** Before and after, for each axis. */
  paddings(name: string, ...values: number[]): string {
    return this.constant(name, [values.length / 2, 2], Int32Array.from(values), 'int32');
  }

  scalar(name: string, value: number): string {
    return this.constant(name, [], Float32Array.of(value), 'float32');
  }

  private constant(name: string, shape: number[], data: Float32Array | Int32Array, dtype: 'float32' | 'int32'): string {
    this.nodes.push({ op: 'Const', name, attr: { dtype: { type: dtype === 'int32' ? 'DT_INT32' : 'DT_FLOAT' } } });
    this.specs.push({ name, shape, dtype });
    this.data.push(data);
    return name;
  }

  files(): ModelFiles {
    const weightData = new ArrayBuffer(this.data.reduce((sum, { byteLength }) => sum + byteLength, 0));
    let offset = 0;
    for (const part of this.data) {
      new Uint8Array(weightData).set(new Uint8Array(part.buffer), offset);
      offset += part.byteLength;
    }
    return { format: 'graph-model', modelTopology: { node: this.nodes, versions: {} }, weightSpecs: this.specs, weightData, outputs: [], location: 'drawing', sha256: '' };
  }
}
