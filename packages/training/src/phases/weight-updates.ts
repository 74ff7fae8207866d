import type { JoinedGradients, Optimizer, OptimizerStep } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import { flattened, unflattened } from './flat-tensor.js';
import { gradientsOf } from './joined-gradients.js';
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

/** Gradients of the weights of a step, by name, and those that are joined instead. */
interface Gradients {
  apart: Readonly<Record<string, tf.Tensor>>;
  joined?: JoinedGradients;
}

/** Weights that one call of the optimizer moves. */
interface Group {
  names: string[];
  learningRate: number;
  /** Whether their gradients are among those that are joined. */
  joined: boolean;
}

/**
 * The optimizer's changes of a step, in place. An elementwise optimizer gets all weights of one rate as one flat tensor:
 * its operators then run once, and not once for each of some hundred weights.
 */
export class WeightUpdates {
  /** By the first name of the group. */
  private readonly flat = new Map<string, FlatWeights>();
  /** Whether the optimizer has looked at the rate of any step. */
  looksAtRate = false;

  constructor(private readonly options: UpdateOptions) {}

  /**
   * @param apart gradients by the name of the weight
   * @param step counts from 1
   * @param joined gradients of further weights; only where the optimizer is elementwise
   */
  take(apart: Readonly<Record<string, tf.Tensor>>, step: number, learningRate: number, joined?: JoinedGradients): void {
    for (const group of this.groups({ apart, joined }, learningRate)) this.update(group, { apart, joined }, step);
  }

  dispose(): void {
    for (const { value } of this.flat.values()) value.dispose();
    this.flat.clear();
  }

  private groups({ apart, joined }: Gradients, learningRate: number): Group[] {
    const { optimizer, share, slots } = this.options;
    const groups = new Map<string, Group>();
    const add = (name: string, isJoined: boolean): void => {
      const rate = learningRate * share(name);
      if (rate === 0) return;
      const key = optimizer.elementwise === false ? name : `${isJoined} ${rate} ${slots.kind(name)}`;
      const group = groups.get(key);
      if (group) group.names.push(name);
      else groups.set(key, { names: [name], learningRate: rate, joined: isJoined });
    };
    for (const name of joined?.names ?? []) add(name, true);
    for (const name of Object.keys(apart)) add(name, false);
    return [...groups.values()];
  }

  private update(group: Group, gradients: Gradients, step: number): void {
    const { optimizer, slots, weights, project, baseRate = 1 } = this.options;
    const { names, learningRate } = group;
    const own = names.map((name) => weights[name]!);
    const shapes = own.map(({ shape }) => shape);
    const alone = names.length === 1;
    const result = tf.tidy(() => {
      const parameter = alone ? own[0]! as tf.Tensor : this.flatWeights(own, names);
      const gradient = this.gradientOf(group, gradients);
      const before = alone ? slots.of(names[0]!) : slots.ofGroup(names);
      const { delta, slots: next } = optimizer.update(this.watched({ gradient, slots: before, step, learningRate, multiplier: learningRate / baseRate, parameter }));
      const flat = tf.add(parameter, delta);
      const values = alone ? [flat] : unflattened(flat as tf.Tensor1D, shapes);
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

  private watched({ learningRate, ...step }: OptimizerStep): OptimizerStep {
    const look = () => {
      this.looksAtRate = true;
      return learningRate;
    };
    return Object.defineProperty(step, 'learningRate', { get: look, enumerable: true }) as OptimizerStep;
  }

  /** Of one weight in its shape, of several as one flat tensor. */
  private gradientOf({ names, joined: isJoined }: Group, { apart, joined }: Gradients): tf.Tensor {
    const [first] = names as [string];
    if (!isJoined) return names.length === 1 ? apart[first]! : flattened(names.map((name) => apart[name]!));
    const flat = gradientsOf(names, joined!, this.options.weights);
    return names.length === 1 ? tf.reshape(flat, this.options.weights[first]!.shape) : flat;
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
