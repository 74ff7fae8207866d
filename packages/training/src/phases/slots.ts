import type { TensorData } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';

/** What the optimizer keeps for each weight, by the weight's name: a weight that thaws later begins with nothing. */
export class Slots {
  private readonly byWeight = new Map<string, Record<string, tf.Tensor>>();

  of(weight: string): Readonly<Record<string, tf.Tensor>> {
    return this.byWeight.get(weight) ?? {};
  }

  /** Takes the tensors over; those that they replace are disposed. Call it with tensors that a tidy will not dispose. */
  set(weight: string, slots: Record<string, tf.Tensor>): void {
    const before = this.byWeight.get(weight);
    this.byWeight.set(weight, slots);
    if (before) for (const [name, tensor] of Object.entries(before)) if (slots[name] !== tensor) tensor.dispose();
  }

  /** As numbers, `weight|slot` to values. */
  async capture(): Promise<Record<string, TensorData>> {
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
    this.byWeight.clear();
  }
}
