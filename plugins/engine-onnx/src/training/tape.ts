import { int, ints, OnnxGraph, type Attribute } from '../onnx/graph.js';
import type { DataTypeName } from '../onnx/schema.js';
import { channels, inGroups, isImage, sizes, type Layout, type Traced } from './traced.js';

const nchwc = 'com.microsoft.nchwc';

/** What a step is written for. */
export interface TapeOptions {
  /** Images in a batch. */
  batch: number;
  /** Channels in a group of the runtime's blocked order on this machine; 0 where that order is not to be used. */
  block: number;
}

/**
 * A training step while it is written: first all nodes of the forward pass, then those of the backward pass, which may
 * read whatever the forward pass has made.
 */
export class Tape {
  readonly graph = new OnnxGraph();
  readonly batch: number;
  readonly block: number;
  /** Element types of what is not float. */
  readonly types = new Map<string, DataTypeName>();
  /** What the forward pass hands to the backward pass, with shapes; all else is computed again there. */
  readonly kept = new Map<string, number[]>();
  private readonly written = new Map<string, string>();
  /** Names of tensors in tfjs's order, by those of their transposed copies. */
  private readonly sources = new Map<string, string>();
  /** What a reshaped tensor was reshaped from. */
  private readonly origins = new Map<string, string>();
  /** Shapes in the graph, where they are known. */
  private readonly dimensions = new Map<string, readonly number[]>();
  private boundary: number | undefined;

  constructor({ batch, block }: TapeOptions) {
    this.batch = batch;
    this.block = block;
  }

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

  /** Adds a node of the runtime's blocked order. */
  addBlocked(operator: 'Conv' | 'ReorderInput' | 'ReorderOutput' | 'GlobalAveragePool' | 'Upsample', inputs: readonly string[], attributes: Record<string, Attribute> = {}, wanted?: string): string {
    return this.add(`${nchwc}.${operator}`, inputs, attributes, wanted);
  }

  /** Adds a node of two outputs. @returns their names */
  addPair(operator: string, inputs: readonly string[], attributes: Record<string, Attribute>, wanted: string): [string, string] {
    const first = this.graph.add(operator, inputs, attributes, wanted);
    const second = this.graph.name(`${wanted}.second`);
    this.graph.nodes.at(-1)!.further = [second];
    return [first, second];
  }

  /** Hands a list of numbers from the forward to the backward pass, which then does not compute it again. */
  keep(name: string, length: number): void {
    this.kept.set(name, [length]);
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

  /** `sizes`: 0 keeps the size that is there, -1 takes the rest. What was reshaped before is taken as it was, since every node costs the runtime some 10 microseconds. */
  reshape(name: string, dimensions: readonly number[], wanted?: string): string {
    const origin = dimensions.includes(0) ? undefined : this.origins.get(name);
    const source = origin ?? name;
    if (this.dimensions.get(source)?.join() === dimensions.join()) return source;
    const result = this.once(`reshape ${source} ${dimensions.join()}`, () => this.add('Reshape', [source, this.integers(dimensions)], {}, wanted));
    this.origins.set(result, source);
    return result;
  }

  transpose(name: string, order: readonly number[], wanted?: string): string {
    return this.once(`transpose ${name} ${order.join()}`, () => this.add('Transpose', [name], { perm: ints(order) }, wanted));
  }

  /** The sum over some axes. */
  sum(name: string, axes: readonly number[], keepAxes: boolean): string {
    return this.add('ReduceSum', [name, this.integers(axes)], { keepdims: int(keepAxes ? 1 : 0) });
  }

  /** Channels as the blocked order holds them: whole groups. */
  wholeGroups(count: number): number {
    return this.block === 0 ? count : Math.ceil(count / this.block) * this.block;
  }

  /** The same tensor in another layout. */
  lay(value: Traced, layout: Layout): Traced {
    if (value.layout === layout || !isImage(value)) return value;
    if (inGroups(value) && inGroups({ layout })) return this.restack(value, layout);
    const [height, width, depth] = sizes(value) as [number, number, number];
    let { name } = value;
    if (value.layout === 'flat') name = this.reshape(name, [0, depth, height, width]);
    if (inGroups(value)) name = this.outOfGroups(value);
    if (layout === 'flat') name = this.reshape(name, [0, depth, height * width]);
    if (layout === 'stacked') {
      const source = this.sources.get(name);
      if (source === undefined) return this.restack(this.lay({ ...value, name, layout: 'nchw' }, 'blocked'), layout);
      name = this.once(`stacked ${name}`, () => this.addBlocked('ReorderInput', [this.reshape(source, [1, this.batch * height, width, depth])], { channels_last: int(1) }));
    }
    if (layout === 'blocked') name = this.intoBlocks(name);
    return { ...value, name, layout };
  }

  /** Channel by channel, without those that fill up the groups: [B, C, H, W] of a blocked value, [1, C, B H, W] of a stacked one. */
  byChannel(value: Traced): string {
    return this.once(`plain ${value.name}`, () => this.addBlocked('ReorderOutput', [value.name], { channels: int(channels(value)), channels_last: int(0) }));
  }

  private outOfGroups(value: Traced): string {
    const [height, width, depth] = sizes(value) as [number, number, number];
    const name = this.byChannel(value);
    return value.layout === 'blocked' ? name : this.reshape(this.transpose(this.reshape(name, [depth, this.batch, height * width]), [1, 0, 2]), [this.batch, depth, height, width]);
  }

  /** Puts the images of a group of channels one below the other, or each group below its image. The runtime gathers with all its threads, unlike a Transpose. */
  private restack(value: Traced, layout: Layout): Traced {
    const [height, width, depth] = sizes(value) as [number, number, number];
    const count = this.wholeGroups(depth);
    const [from, to] = layout === 'stacked' ? [count / this.block, this.batch] : [this.batch, count / this.block];
    const order = this.once(`order ${from} ${to}`, () => this.graph.integers(Array.from({ length: from * to }, (_, place) => (place % to) * from + Math.floor(place / to))));
    const pieces = this.reshape(value.name, [from * to, height * width * this.block]);
    const moved = this.once(`restacked ${pieces}`, () => this.add('Gather', [pieces, order], { axis: int(0) }));
    return { ...value, layout, name: this.reshape(moved, layout === 'stacked' ? [1, count, this.batch * height, width] : [this.batch, count, height, width]) };
  }

  private intoBlocks(name: string): string {
    const source = this.sources.get(name);
    return this.once(`blocked ${name}`, () => this.addBlocked('ReorderInput', [source ?? name], { channels_last: int(source === undefined ? 0 : 1) }));
  }

  /** A value in groups, as one image that has the channels of all images. */
  asOneImage(value: Traced): string {
    const [height, width, depth] = sizes(value) as [number, number, number];
    return this.reshape(value.name, [1, this.batch * this.wholeGroups(depth), height, width]);
  }

  /** And back. @param name [1, B C, H, W], of all images and channels */
  stacked(name: string, shape: (number | null)[]): Traced {
    const [height, width, depth] = sizes({ shape }) as [number, number, number];
    const count = this.wholeGroups(depth);
    this.dimensions.set(name, [1, this.batch * count, height, width]);
    return { name: this.reshape(name, [1, count, this.batch * height, width]), shape, layout: 'stacked' };
  }

  /** The sum over all images of what was made of a value in groups, `each` numbers of an image and channel. @returns [whole groups, each] */
  sumOverImages(name: string, { layout, shape }: Pick<Traced, 'layout' | 'shape'>, each = 1): string {
    const count = this.wholeGroups(channels({ shape }));
    const [parts, axis] = layout === 'stacked' ? [[count / this.block, this.batch, each * this.block], 1] : [[this.batch, count * each], 0];
    return this.reshape(this.sum(this.reshape(name, parts), [axis], false), [count * each]);
  }

  /** Repeats what belongs to a channel, `each` numbers in groups, for each stacked image. */
  forEachImage(name: string, count: number, each: number, dimensions: readonly number[]): string {
    const groups = count / this.block;
    const one = this.reshape(name, [groups, 1, each * this.block]);
    return this.reshape(this.add('Expand', [one, this.integers([groups, this.batch, each * this.block])]), dimensions);
  }

  /** In the order of `nchw`. */
  plain(value: Traced): Traced {
    return this.lay(value, 'nchw');
  }

  /** The name of the tensor in tfjs's order: images turned back to [B, H, W, C]. */
  inTfjsOrder(value: Traced): string {
    if (inGroups(value)) {
      const name = this.once(`tfjs ${value.name}`, () => this.addBlocked('ReorderOutput', [value.name], { channels: int(channels(value)), channels_last: int(1) }));
      return value.layout === 'stacked' ? this.reshape(name, [this.batch, ...sizes(value)]) : name;
    }
    const { name } = this.plain(value);
    return isImage(value) ? this.sources.get(name) ?? this.transpose(name, [0, 2, 3, 1]) : name;
  }

  /** Whether it can be stacked in one pass: it is already, or comes in tfjs's order. */
  isSoonStacked({ name, layout }: Traced): boolean {
    return layout === 'stacked' || (this.block > 0 && this.sources.has(name));
  }

  /** A tensor that lies in tfjs's order. */
  fromTfjsOrder(name: string, shape: (number | null)[]): Traced {
    if (shape.length !== 4) return { name, shape, layout: 'nchw' };
    const turned = this.transpose(name, [0, 3, 1, 2]);
    this.sources.set(turned, name);
    return { name: turned, shape, layout: 'nchw' };
  }

  /** Axes of the batch and of the places: all but that of the channels. */
  placeAxes(value: Traced): number[] {
    if (!isImage(value)) return value.shape.map((_, axis) => axis).slice(0, -1);
    return value.layout === 'flat' ? [0, 2] : [0, 2, 3];
  }

  /** The shape under which [C] is broadcast over the value (which must not be in groups). */
  channelShape(value: Traced): number[] {
    if (!isImage(value)) return [channels(value)];
    return value.layout === 'flat' ? [channels(value), 1] : [channels(value), 1, 1];
  }

  /** The sum over all places: [C]. */
  sumOverPlaces(value: Traced): string {
    if (!inGroups(value)) return this.sum(value.name, this.placeAxes(value), false);
    return this.firstOf(this.add('Mul', [this.meanInGroups(value), this.scalar(this.places(value))]), channels(value));
  }

  /** Of all images. */
  places(value: Pick<Traced, 'shape'>): number {
    return this.batch * sizes(value).slice(0, -1).reduce((product, size) => product * size, 1);
  }

  /** The mean over all places of a value in groups: [whole groups]. */
  meanInGroups(value: Traced): string {
    if (this.sumsAtOnce(value)) return this.reshape(this.addBlocked('GlobalAveragePool', [value.name]), [this.wholeGroups(channels(value))]);
    const means = this.addBlocked('GlobalAveragePool', [this.asOneImage(value)]);
    return this.add('Mul', [this.sumOverImages(means, value), this.scalar(1 / this.batch)]);
  }

  /** Whether stacked images are few and small enough to be summed up as one. The runtime sums one number after the other: rounding grows with their count, and a loss was off by 1e-5 where it was 12,000. */
  sumsAtOnce(value: Traced): boolean {
    return value.layout === 'stacked' && this.places(value) <= 1024;
  }

  /** [C] with zeros behind, to whole groups. */
  padded(perChannel: string, count: number): string {
    const missing = this.wholeGroups(count) - count;
    return missing === 0 ? perChannel : this.once(`padded ${perChannel}`, () => this.add('Pad', [perChannel, this.integers([0, missing])]));
  }

  /** The first `count` of a list. */
  firstOf(list: string, count: number): string {
    return this.wholeGroups(count) === count ? list : this.add('Slice', [list, this.integers([0]), this.integers([count])]);
  }
}
