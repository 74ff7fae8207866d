import type { HeadLayer, Optimizer, Random, Regularizer, TensorData, TrainingProgram } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import { Slots } from './slots.js';

/** Weights that penalties and noise apply to: kernels, not biases, not those of batch-norm. */
const isKernel = (name: string): boolean => name.endsWith('kernel');

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

interface StepOptions {
  program: TrainingProgram;
  head: TrainedHead;
  optimizer: Optimizer;
  regularizers: readonly Regularizer[];
  /** Share of the rate of a weight, by its name; the head's are `head/kernel` and `head/bias`. */
  share: (weight: string) => number;
}

/** One step of gradient descent: loss and gradients of a batch, penalties, and the optimizer's changes, in place. */
export class GradientStep {
  readonly slots = new Slots();
  private readonly weights: Record<string, tf.Variable>;
  private readonly headLayers: HeadLayer[];

  constructor(private readonly options: StepOptions) {
    this.weights = { ...options.program.parameters, 'head/kernel': options.head.kernel, 'head/bias': options.head.bias };
    this.headLayers = options.regularizers.flatMap((regularizer) => regularizer.headLayers?.() ?? []);
  }

  /**
   * @param step counts from 1
   * @param random draws this step's noise
   * @returns the loss of the batch, penalties included, before the step; nothing is changed where it is not a number
   */
  async take(batch: { inputs: TensorData; targets: TensorData }, step: number, learningRate: number, random: Random): Promise<number> {
    const { program, head } = this.options;
    const input = tf.tensor(batch.inputs.data, batch.inputs.shape);
    const targets = this.targets(batch.targets);
    const restore = this.addNoise(random);
    let result;
    try {
      result = await program.lossAndGradients(input, (features) => this.loss(features, targets, random), [head.kernel, head.bias]);
    } finally {
      restore();
      tf.dispose([input, targets]);
    }
    const gradients: Record<string, tf.Tensor> = { ...result.gradients };
    for (const [own, name] of [[head.kernel.name, 'head/kernel'], [head.bias.name, 'head/bias']] as const) {
      gradients[name] = gradients[own]!;
      delete gradients[own];
    }
    try {
      const loss = result.loss + await this.addPenalties(gradients);
      if (!Number.isFinite(loss)) return loss;
      for (const [name, gradient] of Object.entries(gradients)) this.update(name, gradient, step, learningRate);
      return loss;
    } finally {
      tf.dispose(gradients);
    }
  }

  dispose(): void {
    this.slots.dispose();
  }

  private targets({ data, shape }: TensorData): tf.Tensor2D {
    return tf.tidy(() => this.options.regularizers.reduce<tf.Tensor2D>(
      (targets, regularizer) => regularizer.targets?.(targets) ?? targets,
      tf.tensor2d(data, shape as [number, number]),
    ));
  }

  /** Mean cross-entropy: -1/B sum_i sum_k t_ik log softmax(z_i)_k. */
  private loss(features: tf.Tensor, targets: tf.Tensor2D, random: Random): tf.Scalar {
    let pooled = (features.rank === 4 ? tf.mean(features, [1, 2]) : features) as tf.Tensor2D;
    this.headLayers.forEach((layer, position) => {
      pooled = layer.apply(pooled, true, random.child('head').child(position));
    });
    const logits = tf.add(tf.matMul(pooled, this.options.head.kernel as tf.Tensor2D), this.options.head.bias);
    return tf.neg(tf.mean(tf.sum(tf.mul(targets, tf.logSoftmax(logits)), 1)));
  }

  /** The weights as this step sees them. @returns puts back what they were */
  private addNoise(random: Random): () => void {
    const noisy = this.options.regularizers.filter((regularizer) => regularizer.noise);
    if (noisy.length === 0) return () => {};
    const kernels = Object.entries(this.weights).filter(([name]) => isKernel(name));
    const originals = kernels.map(([, weight]) => tf.clone(weight as tf.Tensor));
    for (const [name, weight] of kernels) {
      tf.tidy(() => weight.assign(noisy.reduce<tf.Tensor>(
        (value, regularizer, position) => regularizer.noise!(value, name, random.child('noise').child(`${name}/${position}`)), tf.clone(weight as tf.Tensor),
      )));
    }
    return () => kernels.forEach(([, weight], index) => {
      weight.assign(originals[index]!);
      originals[index]!.dispose();
    });
  }

  /** Adds the penalties' gradients. @returns their sum */
  private async addPenalties(gradients: Record<string, tf.Tensor>): Promise<number> {
    const penalties = this.options.regularizers.filter((regularizer) => regularizer.penalty);
    if (penalties.length === 0) return 0;
    const sum = tf.tidy(() => {
      let total: tf.Tensor = tf.scalar(0);
      for (const [name, gradient] of Object.entries(gradients)) {
        if (!isKernel(name)) continue;
        const { value, grad } = tf.valueAndGrad((weight: tf.Tensor) => tf.addN(penalties.map((regularizer) => regularizer.penalty!(weight, name))))(this.weights[name]! as tf.Tensor);
        gradients[name] = tf.keep(tf.add(gradient, grad));
        gradient.dispose();
        total = tf.add(total, value);
      }
      return total;
    });
    const [value] = await sum.data();
    sum.dispose();
    return value!;
  }

  private update(name: string, gradient: tf.Tensor, step: number, learningRate: number): void {
    const parameter = this.weights[name]!;
    const rate = learningRate * this.options.share(name);
    if (rate === 0) return;
    const { value, slots } = tf.tidy(() => {
      const { delta, slots: next } = this.options.optimizer.update({ gradient, slots: this.slots.of(name), step, learningRate: rate, parameter });
      // Clones, so that an optimizer may return what it was given.
      return { value: tf.add(parameter as tf.Tensor, delta), slots: Object.fromEntries(Object.entries(next).map(([key, tensor]) => [key, tf.clone(tensor)])) };
    });
    parameter.assign(value);
    value.dispose();
    this.slots.set(name, slots);
  }
}
