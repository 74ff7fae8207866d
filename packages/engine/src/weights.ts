import * as tf from '@tensorflow/tfjs-core';
import type { FlatNetwork } from './network/flat-network.js';

/** The weights of a network as they were at one time. Holding them costs nothing until the network's own change. */
export class FrozenWeights {
  private readonly held: { variable: tf.Variable; value: tf.Tensor }[];

  constructor(network: FlatNetwork) {
    const variables = new Set(network.calls.flatMap(({ layer }) => layer.weights.map((weight) => weight.read() as tf.Variable)));
    this.held = Array.from(variables, (variable) => ({ variable, value: tf.keep(tf.clone(variable as tf.Tensor)) }));
  }

  /** Runs `work` (which must not wait for anything) with the network's weights being these. */
  during<T>(work: () => T): T {
    const changed = this.held.filter(({ variable, value }) => variable.dataId !== value.dataId);
    const present = changed.map(({ variable }) => tf.keep(tf.clone(variable as tf.Tensor)));
    for (const { variable, value } of changed) variable.assign(value);
    try {
      return work();
    } finally {
      changed.forEach(({ variable }, index) => {
        variable.assign(present[index]!);
        present[index]!.dispose();
      });
    }
  }

  dispose(): void {
    for (const { value } of this.held.splice(0)) value.dispose();
  }
}
