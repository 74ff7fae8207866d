import { int, ints, OnnxGraph, type Attribute } from '../onnx/graph.js';
import { dataType, type DataTypeName } from '../onnx/schema.js';
import { channels, isImage, sizes, type Layout, type Traced } from './traced.js';

/**
 * A training step while it is written: first all nodes of the forward pass, then those of the backward pass, which may
 * read whatever the forward pass has made. That is kept in between; so let the backward pass read what is kept anyway
 * (the very tensor that was handed in, not a copy in another layout), and compute cheap things again.
 */
export class Tape {
  readonly graph = new OnnxGraph();
  /** Element types of what is not float. */
  readonly types = new Map<string, DataTypeName>();
  private readonly written = new Map<string, string>();
  private boundary: number | undefined;

  /** From now on nodes belong to the backward pass. */
  turn(): void {
    this.boundary = this.graph.nodes.length;
    this.written.clear();
  }

  /** Index of the first node of the backward pass. */
  get turned(): number {
    return this.boundary ?? this.graph.nodes.length;
  }

  /** Adds a node. @returns the name of its output */
  add(operator: string, inputs: readonly string[], attributes: Record<string, Attribute> = {}, wanted?: string): string {
    return this.graph.add(operator, inputs, attributes, wanted);
  }

  /** Adds a node of two outputs. @returns their names */
  addPair(operator: string, inputs: readonly string[], attributes: Record<string, Attribute>, wanted: string): [string, string] {
    const first = this.graph.add(operator, inputs, attributes, wanted);
    const second = this.graph.name(`${wanted}.second`);
    this.graph.nodes.at(-1)!.further = [second];
    return [first, second];
  }

  /** A node that is the same however often it is asked for in one pass, as long as `key` is. */
  once(key: string, write: () => string): string {
    let name = this.written.get(key);
    if (name === undefined) this.written.set(key, (name = write()));
    return name;
  }

  scalar(value: number): string {
    return this.once(`scalar ${value}`, () => this.graph.constant([value], [], 'scalar'));
  }

  constant(values: ArrayLike<number>, dimensions: readonly number[], wanted?: string): string {
    return this.graph.constant(Float32Array.from(values), dimensions, wanted);
  }

  integers(values: readonly number[]): string {
    return this.once(`integers ${values.join()}`, () => this.graph.integers(values));
  }

  /** `sizes`: 0 keeps the size that is there, -1 takes the rest. */
  reshape(name: string, dimensions: readonly number[], wanted?: string): string {
    return this.once(`reshape ${name} ${dimensions.join()}`, () => this.add('Reshape', [name, this.integers(dimensions)], {}, wanted));
  }

  transpose(name: string, order: readonly number[], wanted?: string): string {
    return this.once(`transpose ${name} ${order.join()}`, () => this.add('Transpose', [name], { perm: ints(order) }, wanted));
  }

  /** The sum over some axes. */
  sum(name: string, axes: readonly number[], keepAxes: boolean): string {
    return this.add('ReduceSum', [name, this.integers(axes)], { keepdims: int(keepAxes ? 1 : 0) });
  }

  /** The same tensor in another layout. */
  lay(value: Traced, layout: Layout): Traced {
    if (value.layout === layout || !isImage(value)) return value;
    const [height, width, depth] = sizes(value) as [number, number, number];
    let { name } = value;
    if (value.layout === 'flat') name = this.reshape(name, [0, depth, height, width]);
    if (value.layout === 'blocked') name = this.once(`plain ${value.name}`, () => this.add('com.microsoft.nchwc.ReorderOutput', [value.name], { channels: int(depth), channels_last: int(0) }));
    if (layout === 'flat') name = this.reshape(name, [0, depth, height * width]);
    if (layout === 'blocked') name = this.once(`blocked ${name}`, () => this.add('com.microsoft.nchwc.ReorderInput', [name], { channels_last: int(0) }));
    return { ...value, name, layout };
  }

  /** In the order of `nchw`. */
  plain(value: Traced): Traced {
    return this.lay(value, 'nchw');
  }

  /** The name of the tensor in tfjs's order: images turned back to [B, H, W, C]. */
  inTfjsOrder(value: Traced): string {
    const { name } = this.plain(value);
    return isImage(value) ? this.transpose(name, [0, 2, 3, 1]) : name;
  }

  /** A tensor that lies in tfjs's order. */
  fromTfjsOrder(name: string, shape: (number | null)[]): Traced {
    return { name: shape.length === 4 ? this.transpose(name, [0, 3, 1, 2]) : name, shape, layout: 'nchw' };
  }

  /** Axes of the batch and of the places: all but that of the channels. */
  placeAxes(value: Traced): number[] {
    if (!isImage(value)) return value.shape.map((_, axis) => axis).slice(0, -1);
    return value.layout === 'flat' ? [0, 2] : [0, 2, 3];
  }

  /** The shape under which [C] is broadcast over the value (which must not be blocked). */
  channelShape(value: Traced): number[] {
    if (!isImage(value)) return [channels(value)];
    return value.layout === 'flat' ? [channels(value), 1] : [channels(value), 1, 1];
  }

  /** Number of images in a value's batch, as a float. */
  batchSize(value: Traced): string {
    return this.once(`batch of ${value.name}`, () => {
      const size = this.add('Slice', [this.add('Shape', [value.name]), this.integers([0]), this.integers([1])]);
      return this.add('Cast', [size], { to: int(dataType.float) });
    });
  }

  /** The sum over all places: [C]. */
  sumOverPlaces(value: Traced): string {
    const open = value.layout === 'blocked' ? this.plain(value) : value;
    return this.sum(open.name, this.placeAxes(open), false);
  }
}
