import type { Attribute, OnnxGraph } from '../onnx/graph.js';
import { ints } from '../onnx/graph.js';
import { channels, isImage, type Affine, type Value } from './value.js';

/** What operators write with. */
export class LoweringContext {
  private readonly written = new Map<string, string>();

  constructor(readonly graph: OnnxGraph) {}

  /** Adds a node. @returns the name of its output */
  add(operator: string, inputs: readonly string[], attributes: Record<string, Attribute> = {}, wanted?: string): string {
    return this.graph.add(operator, inputs, attributes, wanted);
  }

  /** A node that is the same however often it is asked for, as long as `key` is. */
  once(key: string, write: () => string): string {
    let name = this.written.get(key);
    if (name === undefined) this.written.set(key, (name = write()));
    return name;
  }

  scalar(value: number): string {
    return this.once(`scalar ${value}`, () => this.graph.constant([value], [], 'scalar'));
  }

  /** One value a channel, shaped to be broadcast over `like`. */
  perChannel(values: ArrayLike<number>, like: Value, wanted?: string): string {
    return this.graph.constant(Float32Array.from(values), isImage(like) ? [1, values.length, 1, 1] : [values.length], wanted);
  }

  /** Adds to each channel; nothing is written where all are 0. */
  shift(value: Value, shift: Float64Array): Value {
    if (shift.every((x) => x === 0)) return value;
    const name = this.once(`shift ${value.name} ${shift.join()}`, () => this.add('Add', [value.name, this.perChannel(shift, value, 'shift')], {}, `${value.name}.shifted`));
    return { ...value, name };
  }

  private scaled(value: Value, { scale, shift }: Affine): Value {
    let { name } = value;
    if (scale.some((x) => x !== 1)) name = this.once(`scale ${name} ${scale.join()}`, () => this.add('Mul', [value.name, this.perChannel(scale, value, 'scale')], {}, `${value.name}.scaled`));
    return this.shift({ name, shape: value.shape }, shift);
  }

  /** The value with what was put off written out. */
  plain(value: Value): Value {
    let result: Value = { name: value.name, shape: value.shape };
    if (value.affine) result = this.scaled(result, value.affine);
    const { padding } = value;
    if (padding) {
      const { top, left, bottom, right } = padding;
      const name = this.once(`pad ${result.name} ${[top, left, bottom, right].join()}`, () =>
        this.add('Pad', [result.name, this.graph.integers([0, 0, top, left, 0, 0, bottom, right], 'pads')], {}, `${result.name}.padded`));
      result = { name, shape: value.shape };
    }
    return result;
  }

  /** The name of the tensor in tfjs's order: images turned back to [B, H, W, C]. */
  inTfjsOrder(value: Value): string {
    const { name } = this.plain(value);
    if (!isImage(value)) return name;
    return this.once(`nhwc ${name}`, () => this.add('Transpose', [name], { perm: ints([0, 2, 3, 1]) }, `${name}.nhwc`));
  }

  /** A value from a tensor in tfjs's order. */
  fromTfjsOrder(name: string, shape: (number | null)[]): Value {
    if (shape.length !== 4) return { name, shape };
    return { name: this.once(`nchw ${name}`, () => this.add('Transpose', [name], { perm: ints([0, 3, 1, 2]) }, `${name}.nchw`)), shape };
  }

  /** An affine map put onto a value; taken up where it can be, written otherwise. */
  affine(value: Value, affine: Affine): Value {
    if (value.padding) return { ...this.plain(value), affine };
    const before = value.affine;
    if (!before) return { ...value, affine };
    const scale = affine.scale.map((factor, index) => factor * before.scale[index]!);
    const shift = affine.shift.map((term, index) => term + affine.scale[index]! * before.shift[index]!);
    return { ...value, affine: { scale, shift } };
  }

  /** The same factor and term for every channel. */
  uniformAffine(value: Value, scale: number, shift: number): Value {
    const count = channels(value);
    return this.affine(value, { scale: new Float64Array(count).fill(scale), shift: new Float64Array(count).fill(shift) });
  }
}
