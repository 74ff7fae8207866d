import { NumberRoom, type Optimizer } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import { flattened, unflattened } from './flat-tensor.js';
import type { Slots } from './slots.js';

interface UpdateOptions {
  weights: Readonly<Record<string, tf.Variable>>;
  slots: Slots;
  optimizer: Optimizer;
  /** Share of the rate of a weight, by its name. */
  share: (weight: string) => number;
  /** What the learning rate of a step is a multiple of; 1 when absent. */
  baseRate?: number;
  /** Puts a weight back to where it may be; absent: all may be anywhere. */
  project?: (weight: tf.Tensor, name: string) => tf.Tensor;
}

/** Weights of a group as one flat tensor, and the data that it was made from or that it became. */
interface FlatWeights {
  value: tf.Tensor1D;
  data: object[];
}

/**
 * The optimizer's changes of a step, in place. An elementwise optimizer gets all weights of one rate as one flat tensor:
 * its operators then run once, and not once for each of some hundred weights.
 */
export class WeightUpdates {
  /** By the first name of the group. */
  private readonly flat = new Map<string, FlatWeights>();
  private readonly room = new NumberRoom();

  constructor(private readonly options: UpdateOptions) {}

  /** @param step counts from 1 */
  take(gradients: Readonly<Record<string, tf.Tensor>>, step: number, learningRate: number): void {
    for (const [rate, names] of this.groups(Object.keys(gradients), learningRate)) this.update(names, gradients, step, rate);
  }

  dispose(): void {
    for (const { value } of this.flat.values()) value.dispose();
    this.flat.clear();
  }

  private groups(names: readonly string[], learningRate: number): [number, string[]][] {
    const { optimizer, share, slots } = this.options;
    const groups = new Map<string, [number, string[]]>();
    for (const name of names) {
      const rate = learningRate * share(name);
      if (rate === 0) continue;
      const key = optimizer.elementwise === false ? name : `${rate} ${slots.kind(name)}`;
      const group = groups.get(key) ?? [rate, []];
      group[1].push(name);
      groups.set(key, group);
    }
    return [...groups.values()];
  }

  private update(names: readonly string[], gradients: Readonly<Record<string, tf.Tensor>>, step: number, learningRate: number): void {
    const { optimizer, slots, weights, project, baseRate = 1 } = this.options;
    const own = names.map((name) => weights[name]!);
    const shapes = own.map(({ shape }) => shape);
    const alone = names.length === 1;
    const result = tf.tidy(() => {
      const parameter = alone ? own[0]! as tf.Tensor : this.flatWeights(own, names);
      const gradient = alone ? gradients[names[0]!]! : flattened(names.map((name) => gradients[name]!));
      const before = alone ? slots.of(names[0]!) : slots.ofGroup(names);
      const { delta, slots: next } = optimizer.update({ gradient, slots: before, step, learningRate, multiplier: learningRate / baseRate, parameter });
      const flat = tf.add(parameter, delta);
      const values = alone ? [flat] : unflattened(flat as tf.Tensor1D, shapes, this.room);
      return {
        flat: again(flat), values: project ? values.map((value, index) => tf.clone(project(value, names[index]!))) : values,
        // So an optimizer may return what it was given.
        slots: Object.fromEntries(Object.entries(next).map(([key, tensor]) => [key, again(tensor)])),
      };
    });
    own.forEach((variable, index) => variable.assign(result.values[index]!));
    tf.dispose(result.values);
    if (alone) {
      result.flat.dispose();
      slots.set(names[0]!, result.slots);
      return;
    }
    this.flat.get(names[0]!)?.value.dispose();
    this.flat.set(names[0]!, { value: result.flat as tf.Tensor1D, data: own.map(({ dataId }) => dataId) });
    slots.setGroup(names, shapes, result.slots);
  }

  /** As the last update left them, unless somebody has put others in their place meanwhile. */
  private flatWeights(own: readonly tf.Variable[], names: readonly string[]): tf.Tensor1D {
    const known = this.flat.get(names[0]!);
    const asLeft = known && known.data.length === own.length && own.every(({ dataId }, index) => dataId === known.data[index]);
    return asLeft ? known.value : flattened(own as readonly tf.Tensor[] as tf.Tensor[]);
  }
}

/** The same numbers as a tensor of its own. Unlike `clone`, it copies nothing on WebAssembly either. */
const again = (tensor: tf.Tensor): tf.Tensor => tf.reshape(tensor, tensor.shape);
