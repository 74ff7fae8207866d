import { meanOverPlaces, type HeadLayer, type JoinedGradients, type LossAndGradients, type Optimizer, type Random, type Regularizer, type TensorData, type TrainingProgram } from '@cultivar/sdk';
import * as tf from '@tensorflow/tfjs-core';
import { classifierProduct } from './classifier-product.js';
import { apart, takesJoinedGradients } from './joined-gradients.js';
import { Slots } from './slots.js';
import type { TrainedHead } from './trained-head.js';
import { WeightUpdates } from './weight-updates.js';

/** Weights that penalties, noise and projections apply to: kernels, not biases, not those of batch-norm. */
const isKernel = (name: string): boolean => name.endsWith('kernel');

interface StepOptions {
  program: TrainingProgram;
  head: TrainedHead;
  optimizer: Optimizer;
  regularizers: readonly Regularizer[];
  /** Share of the rate of a weight, by its name; the head's are `head/kernel` and `head/bias`. */
  share: (weight: string) => number;
  /** What the learning rate of a step is a multiple of; 1 when absent. */
  baseRate?: number;
}

/** One step of gradient descent: loss and gradients of a batch, penalties, and the optimizer's changes, in place. */
export class GradientStep {
  readonly slots = new Slots();
  private readonly weights: Record<string, tf.Variable>;
  private readonly headLayers: HeadLayer[];
  private readonly updates: WeightUpdates;

  constructor(private readonly options: StepOptions) {
    this.weights = { ...options.program.parameters, 'head/kernel': options.head.kernel, 'head/bias': options.head.bias };
    this.headLayers = options.regularizers.flatMap((regularizer) => regularizer.headLayers?.() ?? []);
    const { optimizer, share, baseRate } = options;
    const projects = options.regularizers.some((regularizer) => regularizer.project);
    this.updates = new WeightUpdates({ weights: this.weights, slots: this.slots, optimizer, share, baseRate, project: projects ? (weight, name) => this.projected(weight, name) : undefined });
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
    const noise = this.noise(random);
    const restore = noise ? this.substitute(this.kernels, noise) : () => {};
    let result;
    try {
      result = await program.lossAndGradients(input, (features) => this.loss(features, targets, random), [head.kernel, head.bias]);
    } finally {
      restore();
      tf.dispose([input, targets]);
    }
    const { joined, gradients } = this.asUsed(result);
    for (const [own, name] of [[head.kernel.name, 'head/kernel'], [head.bias.name, 'head/bias']] as const) {
      gradients[name] = gradients[own]!;
      delete gradients[own];
    }
    if (noise) this.throughNoise(gradients, noise);
    try {
      const loss = result.loss + await this.addPenalties(gradients);
      if (!Number.isFinite(loss)) return loss;
      this.changeGradients(gradients);
      this.updates.take(gradients, step, learningRate, joined);
      return loss;
    } finally {
      tf.dispose(gradients);
      joined?.values.dispose();
    }
  }

  /**
   * Does some work while the weights are as they are measured and kept (see `Optimizer.evaluated`), then puts back those
   * that train, to the last bit.
   * @param step steps done
   */
  async asEvaluated<Result>(step: number, work: () => Promise<Result>): Promise<Result> {
    const { optimizer } = this.options;
    const scale = this.headLayers.reduce((product, layer) => product * (layer.inferenceScale ?? 1), 1);
    const moved = optimizer.evaluated ? Object.keys(this.weights).filter((name) => Object.keys(this.slots.of(name)).length > 0) : [];
    if (moved.length === 0 && scale === 1) return work();
    const restore = this.substitute([...new Set([...moved, 'head/kernel'])], (parameter, name) => {
      const value = moved.includes(name) ? this.projected(optimizer.evaluated!({ parameter, slots: this.slots.of(name), step }), name) : parameter;
      return name === 'head/kernel' ? tf.mul(value, scale) : value;
    });
    try {
      return await work();
    } finally {
      restore();
    }
  }

  /** Whether the optimizer has looked at the rate of any step. */
  get looksAtRate(): boolean {
    return this.updates.looksAtRate;
  }

  dispose(): void {
    this.updates.dispose();
    this.slots.dispose();
  }

  /** Joined gradients are cut up where somebody looks at those of single weights. */
  private asUsed({ gradients, joined }: LossAndGradients): { gradients: Record<string, tf.Tensor>; joined?: JoinedGradients } {
    const { optimizer, regularizers } = this.options;
    if (!joined || takesJoinedGradients(optimizer, regularizers)) return { gradients: { ...gradients }, joined };
    const cut = apart(joined, this.weights as Record<string, tf.Tensor>);
    joined.values.dispose();
    return { gradients: { ...cut, ...gradients } };
  }

  private targets({ data, shape }: TensorData): tf.Tensor2D {
    return tf.tidy(() => this.options.regularizers.reduce<tf.Tensor2D>(
      (targets, regularizer) => regularizer.targets?.(targets) ?? targets,
      tf.tensor2d(data, shape as [number, number]),
    ));
  }

  /** Mean cross-entropy: -1/B sum_i sum_k t_ik log softmax(z_i)_k. */
  private loss(features: tf.Tensor, targets: tf.Tensor2D, random: Random): tf.Scalar {
    let pooled = (features.rank === 4 ? meanOverPlaces(features as tf.Tensor4D) : features) as tf.Tensor2D;
    this.headLayers.forEach((layer, position) => {
      pooled = layer.apply(pooled, true, random.child('head').child(position));
    });
    const logits = tf.add(classifierProduct(pooled, this.options.head.kernel as tf.Tensor2D), this.options.head.bias);
    return tf.neg(tf.mean(tf.sum(tf.mul(targets, tf.logSoftmax(logits)), 1)));
  }

  private get kernels(): string[] {
    return Object.keys(this.weights).filter(isKernel);
  }

  /** What turns a kernel into what this step sees of it, the same at every call; undefined where nothing does. */
  private noise(random: Random): ((weight: tf.Tensor, name: string) => tf.Tensor) | undefined {
    const noisy = this.options.regularizers.filter((regularizer) => regularizer.noise);
    if (noisy.length === 0) return undefined;
    return (weight, name) => noisy.reduce<tf.Tensor>(
      (value, regularizer, position) => regularizer.noise!(value, name, random.child('noise').child(`${name}/${position}`)), weight,
    );
  }

  /** From gradients at the weights that the step saw to those at the weights themselves: a dropped one has none. */
  private throughNoise(gradients: Record<string, tf.Tensor>, noise: (weight: tf.Tensor, name: string) => tf.Tensor): void {
    for (const name of this.kernels) {
      const seen = gradients[name];
      if (!seen) continue;
      gradients[name] = tf.tidy(() => tf.grad((weight: tf.Tensor) => tf.clone(noise(weight, name)))(this.weights[name]! as tf.Tensor, seen));
      seen.dispose();
    }
  }

  /** Other values in place of the weights. @returns puts back what they were */
  private substitute(names: readonly string[], value: (weight: tf.Tensor, name: string) => tf.Tensor): () => void {
    const originals = names.map((name) => tf.clone(this.weights[name]! as tf.Tensor));
    for (const name of names) tf.tidy(() => this.weights[name]!.assign(tf.clone(value(this.weights[name]! as tf.Tensor, name))));
    return () => names.forEach((name, index) => {
      this.weights[name]!.assign(originals[index]!);
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

  /** Lets regularizers change the gradients of the weights that this step moves, in place. */
  private changeGradients(gradients: Record<string, tf.Tensor>): void {
    const changing = this.options.regularizers.filter((regularizer) => regularizer.gradients);
    if (changing.length === 0) return;
    const trained = Object.fromEntries(Object.entries(gradients).filter(([name]) => this.options.share(name) !== 0));
    const changed = tf.tidy(() => {
      const all = changing.reduce((current, regularizer) => ({ ...current, ...regularizer.gradients!(current) }), trained);
      return Object.fromEntries(Object.keys(trained).map((name) => [name, tf.clone(all[name]!)]));
    });
    tf.dispose(trained);
    Object.assign(gradients, changed);
  }

  private projected(weight: tf.Tensor, name: string): tf.Tensor {
    if (!isKernel(name)) return weight;
    return this.options.regularizers.reduce((value, regularizer) => regularizer.project?.(value, name) ?? value, weight);
  }
}
