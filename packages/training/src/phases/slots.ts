import type { TensorData } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import { flattened, unflattened } from './flat-tensor.js';

type Tensors = Record<string, tf.Tensor>;

/** Weights whose slots are kept as flat tensors: each slot all of them in order, or one scalar for all. */
interface Group {
  names: readonly string[];
  shapes: readonly number[][];
  slots: Tensors;
}

/** What the optimizer keeps for each weight, by the weight's name: a weight that thaws later begins with nothing. */
export class Slots {
  private readonly byWeight = new Map<string, Tensors>();
  private readonly groups = new Map<string, Group>();

  of(weight: string): Readonly<Tensors> {
    const group = this.groups.get(weight);
    if (group) this.part(group);
    return this.byWeight.get(weight) ?? {};
  }

  /** Takes the tensors over; those that they replace are disposed. Call it with tensors that a tidy will not dispose. */
  set(weight: string, slots: Tensors): void {
    const before = this.of(weight);
    this.byWeight.set(weight, slots);
    for (const [name, tensor] of Object.entries(before)) if (slots[name] !== tensor) tensor.dispose();
  }

  /** Weights can share flat slots where this is the same for them: which slots there are, and the values of scalar ones. */
  kind(weight: string): string {
    const slots = this.groups.get(weight)?.slots ?? this.byWeight.get(weight) ?? {};
    const flat = this.groups.has(weight);
    return Object.entries(slots).map(([name, tensor]) => `${name} ${tensor.rank === 0 ? (flat ? 'one' : tensor.dataSync()[0]!) : 'each'}`).sort().join(',') + (flat ? ` ${this.groups.get(weight)!.names[0]}` : '');
  }

  /** The slots of weights of one kind, as flat tensors. */
  ofGroup(names: readonly string[]): Readonly<Tensors> {
    const group = this.groups.get(names[0]!);
    if (group && group.names.length === names.length && group.names.every((name, index) => name === names[index])) return group.slots;
    const own = names.map((name) => this.of(name));
    return tf.tidy(() => Object.fromEntries(Object.entries(own[0]!).map(([slot, first]) => [slot, first.rank === 0 ? tf.clone(first) : flattened(own.map((slots) => slots[slot]!))])));
  }

  /** As `set`, for all of a group. */
  setGroup(names: readonly string[], shapes: readonly number[][], slots: Tensors): void {
    const before = new Set<tf.Tensor>();
    for (const name of names) {
      for (const tensor of Object.values(this.groups.get(name)?.slots ?? this.byWeight.get(name) ?? {})) before.add(tensor);
      this.byWeight.delete(name);
    }
    const group = { names, shapes, slots };
    for (const name of names) this.groups.set(name, group);
    for (const tensor of Object.values(slots)) before.delete(tensor);
    tf.dispose([...before]);
  }

  /** As numbers, `weight|slot` to values. */
  async capture(): Promise<Record<string, TensorData>> {
    for (const group of new Set(this.groups.values())) this.part(group);
    const result: Record<string, TensorData> = {};
    for (const [weight, slots] of this.byWeight) {
      for (const [name, tensor] of Object.entries(slots)) result[`${weight}|${name}`] = { data: Float32Array.from(await tensor.data()), shape: [...tensor.shape] };
    }
    return result;
  }

  restore(captured: Readonly<Record<string, TensorData>>): void {
    this.dispose();
    for (const [key, { data, shape }] of Object.entries(captured)) {
      const at = key.lastIndexOf('|');
      const weight = key.slice(0, at);
      const slots = this.byWeight.get(weight) ?? {};
      slots[key.slice(at + 1)] = tf.tensor(data, shape);
      this.byWeight.set(weight, slots);
    }
  }

  dispose(): void {
    for (const slots of this.byWeight.values()) tf.dispose(slots);
    for (const { slots } of this.groups.values()) tf.dispose(slots);
    this.byWeight.clear();
    this.groups.clear();
  }

  /** Gives every weight of a group slots of its own. */
  private part({ names, shapes, slots }: Group): void {
    const parted = Object.entries(slots).map(([slot, tensor]) => [slot, tf.tidy(() => (tensor.rank === 0 ? names.map(() => tf.clone(tensor)) : unflattened(tensor as tf.Tensor1D, shapes)))] as const);
    names.forEach((name, index) => {
      this.groups.delete(name);
      this.byWeight.set(name, Object.fromEntries(parted.map(([slot, tensors]) => [slot, tensors[index]!])));
    });
    tf.dispose(slots);
  }
}
