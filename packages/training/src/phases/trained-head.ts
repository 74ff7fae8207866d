import type { TensorData } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';

async function numbersOf(tensor: tf.Tensor): Promise<TensorData> {
  return { data: Float32Array.from(await tensor.data()), shape: [...tensor.shape] };
}

/** Variables need names of their own in the process. */
let heads = 0;

/** A head that trains: a linear classifier behind the averaged output of the trained stages. */
export class TrainedHead {
  readonly kernel: tf.Variable;
  readonly bias: tf.Variable;

  constructor(kernel: TensorData, bias: TensorData) {
    heads += 1;
    [this.kernel, this.bias] = tf.tidy(() => [
      tf.variable(tf.tensor(kernel.data, kernel.shape), true, `head-${heads}/kernel`),
      tf.variable(tf.tensor(bias.data, bias.shape), true, `head-${heads}/bias`),
    ] as const);
  }

  async capture(): Promise<{ kernel: TensorData; bias: TensorData }> {
    return { kernel: await numbersOf(this.kernel), bias: await numbersOf(this.bias) };
  }

  dispose(): void {
    this.kernel.dispose();
    this.bias.dispose();
  }
}
